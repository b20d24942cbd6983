CREATE OR REPLACE FUNCTION takes_part_elsewhere(asked_person uuid, candidates bytea[], from_day date, to_day date) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public
    AS $$ SELECT count(*) > 0
            FROM public.person_identities known
            JOIN public.person_identities other ON other.participation_index = ANY (takes_part_elsewhere.candidates)
                 AND other.tenant_id <> known.tenant_id
            JOIN public.participations p ON p.tenant_id = other.tenant_id AND p.person_id = other.person_id
           WHERE known.tenant_id = public.app_tenant() AND known.person_id = takes_part_elsewhere.asked_person
             AND known.participation_index = ANY (takes_part_elsewhere.candidates)
             AND p.cumulative_group IS NOT NULL
             AND p.starts_on <= takes_part_elsewhere.to_day
             AND coalesce(p.ended_on, p.planned_end_on) >= takes_part_elsewhere.from_day $$;
ALTER TABLE merged_people
    DROP COLUMN asked_into_id, DROP COLUMN former_participation_index, DROP COLUMN former_participation_index_key;
