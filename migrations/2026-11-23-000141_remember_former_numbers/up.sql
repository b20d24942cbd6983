-- The PESEL of a duplicate leads to the person who stayed also where another town asks, and a merge knows into whom it was
-- asked for, also once that one was merged on.
ALTER TABLE merged_people
    ADD COLUMN asked_into_id uuid,
    ADD COLUMN former_participation_index bytea,
    ADD COLUMN former_participation_index_key bytea,
    ADD CONSTRAINT merged_people_former_index_check CHECK (former_participation_index IS NULL
        OR (former_participation_index_key IS NOT NULL AND former_identity IS NOT NULL));
COMMENT ON COLUMN merged_people.asked_into_id IS 'Into whom the merge was asked for; none in merges of before it was kept.';
COMMENT ON COLUMN merged_people.former_participation_index IS 'As participation_index of the identities, of the PESEL in the identity that was not kept; none where it has none, and in merges of before until the key is exchanged.';
COMMENT ON COLUMN merged_people.former_participation_index_key IS 'Id of the key of former_participation_index.';
GRANT UPDATE (asked_into_id, former_participation_index, former_participation_index_key) ON merged_people TO pai_service;
CREATE INDEX merged_people_former_participation_idx ON merged_people (former_participation_index) WHERE former_participation_index IS NOT NULL;

-- As before, but the numbers of a person are also those that duplicates had: of the one asked about and of those elsewhere.
CREATE OR REPLACE FUNCTION takes_part_elsewhere(asked_person uuid, candidates bytea[], from_day date, to_day date) RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public
    AS $$ WITH numbers AS (
              SELECT i.tenant_id, i.person_id FROM public.person_identities i
               WHERE i.participation_index = ANY (takes_part_elsewhere.candidates)
              UNION
              SELECT m.tenant_id, m.into_id FROM public.merged_people m
               WHERE m.former_participation_index = ANY (takes_part_elsewhere.candidates))
          SELECT count(*) > 0
            FROM numbers known
            JOIN numbers other ON other.tenant_id <> known.tenant_id
            JOIN public.participations p ON p.tenant_id = other.tenant_id AND p.person_id = other.person_id
           WHERE known.tenant_id = public.app_tenant() AND known.person_id = takes_part_elsewhere.asked_person
             AND p.cumulative_group IS NOT NULL
             AND p.starts_on <= takes_part_elsewhere.to_day
             AND coalesce(p.ended_on, p.planned_end_on) >= takes_part_elsewhere.from_day $$;
