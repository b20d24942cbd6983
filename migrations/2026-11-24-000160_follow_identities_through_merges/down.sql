DROP FUNCTION past.births(uuid[]);
CREATE FUNCTION past.changed_identities(people uuid[]) RETURNS SETOF uuid LANGUAGE sql STABLE AS $$
    SELECT DISTINCT v.row_id FROM public.row_versions v
     WHERE v.tenant_id = public.app_tenant() AND v.place = 'person_identities' AND v.row_id = ANY (people)
       AND v.known_until > public.app_as_of()
$$;
