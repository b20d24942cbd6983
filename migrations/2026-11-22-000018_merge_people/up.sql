-- The same person recorded twice: what hangs on the duplicate is moved to the survivor, and the duplicate's row goes.
-- Nothing can hang on somebody who is not there: the foreign keys refuse what is written meanwhile.

CREATE TABLE merged_people (
    tenant_id uuid NOT NULL DEFAULT app_tenant(),
    id uuid NOT NULL,
    into_id uuid NOT NULL,
    reason text NOT NULL,
    identity_choice text NOT NULL,
    former_identity bytea,
    former_sex text NOT NULL,
    former_birth_year smallint,
    former_note text,
    moved jsonb NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT app_now(),
    recorded_by uuid NOT NULL DEFAULT app_client(),
    CONSTRAINT merged_people_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT merged_people_into_fkey FOREIGN KEY (tenant_id, into_id) REFERENCES people (tenant_id, id),
    CONSTRAINT merged_people_identity_choice_check CHECK (identity_choice IN ('survivor', 'duplicate'))
);
COMMENT ON TABLE merged_people IS 'People who turned out to be somebody else who was recorded already: whose duplicate, why, and what was moved.';
COMMENT ON COLUMN merged_people.id IS 'The id by which the duplicate was known; never used again.';
COMMENT ON COLUMN merged_people.into_id IS 'The person as recorded now; follows when that one turns out to be a duplicate too.';
COMMENT ON COLUMN merged_people.former_identity IS 'The identity that was not kept, encrypted under the key of the survivor; nothing where it was discarded.';
COMMENT ON COLUMN merged_people.moved IS 'How many rows of each table were moved.';
SELECT protect_tenant_table('merged_people');
CREATE INDEX merged_people_into_idx ON merged_people (tenant_id, into_id, id);

-- Two applications of one person to one edition, of which one is kept: the other refers to it and counts no more.
ALTER TABLE applications
    ADD COLUMN duplicate_of_id uuid,
    DROP CONSTRAINT applications_person_key,
    ADD CONSTRAINT applications_duplicate_check CHECK (duplicate_of_id IS NULL OR state = 'withdrawn'),
    ADD CONSTRAINT applications_duplicate_fkey FOREIGN KEY (tenant_id, edition_id, person_id, duplicate_of_id)
        REFERENCES applications (tenant_id, edition_id, person_id, id) DEFERRABLE;
CREATE UNIQUE INDEX applications_person_key ON applications (tenant_id, edition_id, person_id) WHERE duplicate_of_id IS NULL;
COMMENT ON COLUMN applications.duplicate_of_id IS 'The application that counts, where the person had been recorded twice and had applied twice.';

-- Rows of one person that refer to each other move together.
ALTER TABLE participations ALTER CONSTRAINT participations_application_fkey DEFERRABLE INITIALLY IMMEDIATE;
ALTER TABLE psu_entries ALTER CONSTRAINT psu_entries_person_fkey DEFERRABLE INITIALLY IMMEDIATE;

-- What keeps two records from being one, or nothing. `dropped` names what the caller gives up.
CREATE FUNCTION merge_conflicts(duplicate uuid, survivor uuid, dropped_applications uuid[], dropped_memberships uuid[])
    RETURNS TABLE (kind text, of_duplicate uuid, of_survivor uuid, detail text)
    LANGUAGE sql VOLATILE ROWS 10 AS $$
    SELECT 'application', d.id, s.id, d.edition_id::text
      FROM applications d JOIN applications s ON s.tenant_id = d.tenant_id AND s.edition_id = d.edition_id
     WHERE d.tenant_id = app_tenant() AND d.person_id = duplicate AND s.person_id = survivor
       AND d.duplicate_of_id IS NULL AND s.duplicate_of_id IS NULL
       AND NOT (d.id = ANY (dropped_applications) <> (s.id = ANY (dropped_applications)))
    UNION ALL
    SELECT 'participation', d.id, s.id, NULL
      FROM participations d JOIN participations s ON s.tenant_id = d.tenant_id
       AND (s.edition_id = d.edition_id OR s.cumulative_group = d.cumulative_group)
     WHERE d.tenant_id = app_tenant() AND d.person_id = duplicate AND s.person_id = survivor
       AND daterange(d.starts_on, coalesce(d.ended_on, d.planned_end_on), '[]') && daterange(s.starts_on, coalesce(s.ended_on, s.planned_end_on), '[]')
    UNION ALL
    SELECT 'membership', d.id, s.id, NULL
      FROM household_members d JOIN household_members s ON s.tenant_id = d.tenant_id
     WHERE d.tenant_id = app_tenant() AND d.person_id = duplicate AND s.person_id = survivor
       AND d.superseded_at IS NULL AND s.superseded_at IS NULL
       AND NOT (d.id = ANY (dropped_memberships) OR s.id = ANY (dropped_memberships))
       AND daterange(d.valid_from_on, d.valid_to_on, '[]') && daterange(s.valid_from_on, s.valid_to_on, '[]')
    UNION ALL
    SELECT 'psuWeek', NULL, NULL, to_char(d.week_on, 'IYYY-"W"IW')
      FROM psu_weeks d JOIN psu_weeks s ON s.tenant_id = d.tenant_id AND s.week_on = d.week_on
     WHERE d.tenant_id = app_tenant() AND d.person_id = duplicate AND s.person_id = survivor
       AND d.used_minutes + s.used_minutes > least(d.limit_minutes, s.limit_minutes)
    UNION ALL
    SELECT 'psuMonth', NULL, NULL, to_char(d.month_on, 'YYYY-MM')
      FROM psu_months d JOIN psu_months s ON s.tenant_id = d.tenant_id AND s.month_on = d.month_on AND s.agreement_id = d.agreement_id
     WHERE d.tenant_id = app_tenant() AND d.person_id = duplicate AND s.person_id = survivor
       AND d.used_minutes + s.used_minutes > least(d.limit_minutes, s.limit_minutes)
    UNION ALL
    -- What is given up must stand in the way, and nobody may have been admitted, or offered a seat, by it.
    SELECT 'droppedApplication', g.id, NULL, NULL FROM unnest(dropped_applications) AS g (id)
     WHERE NOT EXISTS (
           SELECT FROM applications a JOIN applications o ON o.tenant_id = a.tenant_id AND o.edition_id = a.edition_id
            WHERE a.tenant_id = app_tenant() AND a.id = g.id AND (a.person_id, o.person_id) IN ((duplicate, survivor), (survivor, duplicate))
              AND a.duplicate_of_id IS NULL AND o.duplicate_of_id IS NULL
              AND NOT EXISTS (SELECT FROM participations p WHERE p.tenant_id = a.tenant_id AND p.application_id = a.id)
              AND NOT EXISTS (SELECT FROM offers f WHERE f.tenant_id = a.tenant_id AND f.application_id = a.id
                                 AND f.state IN ('open', 'accepted')))
    UNION ALL
    SELECT 'droppedMembership', g.id, NULL, NULL FROM unnest(dropped_memberships) AS g (id)
     WHERE NOT EXISTS (
           SELECT FROM household_members a JOIN household_members o ON o.tenant_id = a.tenant_id
            WHERE a.tenant_id = app_tenant() AND a.id = g.id AND (a.person_id, o.person_id) IN ((duplicate, survivor), (survivor, duplicate))
              AND a.superseded_at IS NULL AND o.superseded_at IS NULL
              AND daterange(a.valid_from_on, a.valid_to_on, '[]') && daterange(o.valid_from_on, o.valid_to_on, '[]'))
$$;

-- Moves everything of the duplicate and takes its row away; answers how many rows of which table. The service itself may
-- neither move nor delete: this function of the owner alone does, in the tenant of the transaction. Whatever it does not
-- know of refers to the duplicate's row all the same, and is found here by its column, or refuses the end.
CREATE FUNCTION merge_people(duplicate uuid, survivor uuid, dropped_applications uuid[], steps uuid[], dropped_memberships uuid[],
                             resealed jsonb, reason text, identity_choice text, former_identity bytea)
    RETURNS jsonb LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    tenant CONSTANT uuid := app_tenant();
    piece record;
    counted bigint;
    moved jsonb := '{}';
BEGIN
    PERFORM FROM people p WHERE p.tenant_id = tenant AND p.id IN (duplicate, survivor) HAVING count(*) = 2;
    IF NOT FOUND OR duplicate = survivor THEN RAISE EXCEPTION 'two people are wanted'; END IF;
    SET CONSTRAINTS ALL DEFERRED;

    UPDATE household_members m SET superseded_at = app_now()
     WHERE m.tenant_id = tenant AND m.id = ANY (dropped_memberships) AND m.superseded_at IS NULL AND m.person_id IN (duplicate, survivor);

    INSERT INTO application_events (id, application_id, kind, effective_on, reason)
        SELECT g.step, a.id, 'withdrawn', greatest(a.received_on, (SELECT max(e.effective_on) FROM application_events e
                WHERE e.tenant_id = tenant AND e.application_id = a.id)), 'duplicate'
          FROM unnest(dropped_applications, steps) AS g (id, step)
          JOIN applications a ON a.tenant_id = tenant AND a.id = g.id
         WHERE a.state <> 'withdrawn';
    UPDATE applications a
       SET withdrawn_on = coalesce(a.withdrawn_on, greatest(a.received_on, (SELECT max(e.effective_on) FROM application_events e
               WHERE e.tenant_id = tenant AND e.application_id = a.id))),
           withdrawal_reason = coalesce(a.withdrawal_reason, 'other'), state = 'withdrawn', duplicate_of_id = o.id
      FROM applications o
     WHERE a.tenant_id = tenant AND o.tenant_id = tenant AND a.id = ANY (dropped_applications) AND o.id <> ALL (dropped_applications)
       AND o.edition_id = a.edition_id AND o.duplicate_of_id IS NULL
       AND (a.person_id, o.person_id) IN ((duplicate, survivor), (survivor, duplicate));

    FOR piece IN SELECT r.place, r.id, r.field, r.sealed FROM jsonb_to_recordset(resealed) AS r (place text, id uuid, field text, sealed text) LOOP
        IF (piece.place, piece.field) NOT IN (VALUES ('sheets', 'remarks'), ('individual_plan_revisions', 'parts'),
                                                     ('individual_plan_events', 'note'), ('survey_responses', 'answers'),
                                                     ('merged_people', 'former_identity')) THEN
            RAISE EXCEPTION 'nothing sealed is known as % %', piece.place, piece.field;
        END IF;
        EXECUTE format('UPDATE %I SET %I = $1 WHERE tenant_id = $2 AND id = $3', piece.place, piece.field)
          USING decode(piece.sealed, 'hex'), tenant, piece.id;
    END LOOP;

    INSERT INTO psu_weeks AS w (person_id, week_on, used_minutes, limit_minutes)
        SELECT survivor, d.week_on, d.used_minutes, d.limit_minutes FROM psu_weeks d WHERE d.tenant_id = tenant AND d.person_id = duplicate
        ON CONFLICT (tenant_id, person_id, week_on) DO UPDATE
           SET used_minutes = w.used_minutes + EXCLUDED.used_minutes, limit_minutes = least(w.limit_minutes, EXCLUDED.limit_minutes);
    DELETE FROM psu_weeks d WHERE d.tenant_id = tenant AND d.person_id = duplicate;
    INSERT INTO psu_months AS w (person_id, agreement_id, month_on, used_minutes, limit_minutes)
        SELECT survivor, d.agreement_id, d.month_on, d.used_minutes, d.limit_minutes FROM psu_months d WHERE d.tenant_id = tenant AND d.person_id = duplicate
        ON CONFLICT (tenant_id, person_id, agreement_id, month_on) DO UPDATE
           SET used_minutes = w.used_minutes + EXCLUDED.used_minutes, limit_minutes = least(w.limit_minutes, EXCLUDED.limit_minutes);
    DELETE FROM psu_months d WHERE d.tenant_id = tenant AND d.person_id = duplicate;
    -- What is kept of it has been read before.
    DELETE FROM person_identities i WHERE i.tenant_id = tenant AND i.person_id = duplicate;

    FOR piece IN
        SELECT c.relname AS place, a.attname AS field FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
         WHERE c.relkind = 'r' AND c.relnamespace = 'public'::regnamespace AND NOT a.attisdropped
           AND (a.attname = 'person_id' OR (c.relname = 'merged_people' AND a.attname = 'into_id'))
         ORDER BY c.relname
    LOOP
        EXECUTE format('UPDATE %I SET %I = $1 WHERE tenant_id = $2 AND %I = $3', piece.place, piece.field, piece.field)
          USING survivor, tenant, duplicate;
        GET DIAGNOSTICS counted = ROW_COUNT;
        IF counted > 0 THEN moved := moved || jsonb_build_object(piece.place, counted); END IF;
    END LOOP;

    INSERT INTO merged_people (id, into_id, reason, identity_choice, former_identity, former_sex, former_birth_year, former_note, moved)
        SELECT duplicate, survivor, merge_people.reason, merge_people.identity_choice, merge_people.former_identity, p.sex, p.birth_year, p.note, moved
          FROM people p WHERE p.tenant_id = tenant AND p.id = duplicate;
    DELETE FROM people p WHERE p.tenant_id = tenant AND p.id = duplicate;
    SET CONSTRAINTS ALL IMMEDIATE;
    RETURN moved;
END $$;
REVOKE ALL ON FUNCTION merge_people(uuid, uuid, uuid[], uuid[], uuid[], jsonb, text, text, bytea) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION merge_people(uuid, uuid, uuid[], uuid[], uuid[], jsonb, text, text, bytea) TO pai_service;
