-- An identity that a merge moved, or put another in the place of, still tells of moments before the merge.
DROP FUNCTION past.changed_identities(uuid[]);

-- Of these people, where the identity that each had at the past moment is found now: with the holder, or as a merge kept it,
-- sealed for the holder. Whose identity was changed otherwise since, or whose was discarded, is not answered.
CREATE FUNCTION past.births(people uuid[])
    RETURNS TABLE (person_id uuid, holder_id uuid, birth_date bytea, pesel bytea, former_identity bytea) LANGUAGE sql STABLE AS $$
    WITH RECURSIVE held AS (
        SELECT i.person_id AS person, i.person_id AS holder, public.app_as_of() AS since, NULL::uuid AS kept_by
          FROM past.person_identities i
         WHERE i.tenant_id = public.app_tenant() AND i.person_id = ANY (births.people)
        UNION ALL
        SELECT h.person, CASE WHEN k.is_kept THEN m.into_id ELSE coalesce(m.asked_into_id, m.into_id) END, c.changed_at,
               CASE WHEN k.is_kept THEN m.id END
          FROM held h
         CROSS JOIN LATERAL (SELECT min(v.known_until) AS changed_at FROM public.row_versions v
                              WHERE v.tenant_id = public.app_tenant() AND v.place = 'person_identities'
                                AND v.row_id = h.holder AND v.known_until > h.since) c
          JOIN public.merged_people m ON m.tenant_id = public.app_tenant() AND m.recorded_at = c.changed_at
           AND h.holder IN (m.id, coalesce(m.asked_into_id, m.into_id))
         CROSS JOIN LATERAL (SELECT m.former_identity IS NOT NULL
                                    AND (m.identity_choice = 'survivor') = (m.id = h.holder) AS is_kept) k
         -- What is not kept of a duplicate went to whom it was merged into, unless it was discarded.
         WHERE h.kept_by IS NULL
           AND (k.is_kept OR (m.id = h.holder AND (m.identity_choice = 'duplicate' OR m.discarded_other IS FALSE)))
    )
    SELECT h.person, m.into_id, NULL::bytea, NULL::bytea, m.former_identity
      FROM held h JOIN public.merged_people m ON m.tenant_id = public.app_tenant() AND m.id = h.kept_by
    UNION ALL
    SELECT h.person, i.person_id, i.birth_date, i.pesel, NULL::bytea
      FROM held h JOIN public.person_identities i ON i.tenant_id = public.app_tenant() AND i.person_id = h.holder
     WHERE h.kept_by IS NULL
       AND NOT EXISTS (SELECT FROM public.row_versions v
                        WHERE v.tenant_id = public.app_tenant() AND v.place = 'person_identities'
                          AND v.row_id = h.holder AND v.known_until > h.since)
$$;
