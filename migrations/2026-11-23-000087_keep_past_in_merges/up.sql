-- A merge leaves the past of the reserve list as it was, and knows what it was asked for.
ALTER TABLE merged_people
    ADD COLUMN dropped_application_ids uuid[],
    ADD COLUMN dropped_membership_ids uuid[],
    ADD COLUMN discarded_other boolean;
COMMENT ON COLUMN merged_people.dropped_application_ids IS 'Applications that were given up; none in merges of before they were kept.';
COMMENT ON COLUMN merged_people.dropped_membership_ids IS 'Memberships of households that were given up; none in merges of before they were kept.';
COMMENT ON COLUMN merged_people.discarded_other IS 'Whether the other identity was to be discarded; none in merges of before it was kept.';

-- The day of the merge, or of the last that was recorded of an application or of its offers where that is later: up to
-- then it counted, and whoever was offered a seat or passed meanwhile was so beside it.
CREATE FUNCTION given_up_on(application uuid) RETURNS date LANGUAGE sql STABLE AS $$
    SELECT greatest((app_now() AT TIME ZONE 'Europe/Warsaw')::date, a.received_on,
                    (SELECT max(e.effective_on) FROM application_events e WHERE e.tenant_id = a.tenant_id AND e.application_id = a.id),
                    (SELECT max(greatest(f.offered_on, f.answered_on, f.withdrawn_on)) FROM offers f
                      WHERE f.tenant_id = a.tenant_id AND f.application_id = a.id))
      FROM applications a WHERE a.tenant_id = app_tenant() AND a.id = application
$$;

DROP FUNCTION merge_people(uuid, uuid, uuid[], uuid[], uuid[], jsonb, text, text, bytea);
-- Moves everything of the duplicate and takes its row away; answers how many rows of which table. The service itself may
-- neither move nor delete: this function of the owner alone does, in the tenant of the transaction. Whatever it does not
-- know of refers to the duplicate's row all the same, and is found here by its column, or refuses the end.
CREATE FUNCTION merge_people(duplicate uuid, survivor uuid, dropped_applications uuid[], steps uuid[], dropped_memberships uuid[],
                             resealed jsonb, reason text, identity_choice text, former_identity bytea, discarding boolean)
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
        SELECT g.step, a.id, 'withdrawn', given_up_on(a.id), 'duplicate'
          FROM unnest(dropped_applications, steps) AS g (id, step)
          JOIN applications a ON a.tenant_id = tenant AND a.id = g.id
         WHERE a.state <> 'withdrawn';
    UPDATE applications a
       SET withdrawn_on = coalesce(a.withdrawn_on, given_up_on(a.id)),
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

    INSERT INTO merged_people (id, into_id, reason, identity_choice, former_identity, former_sex, former_birth_year, former_note, moved,
                               dropped_application_ids, dropped_membership_ids, discarded_other)
        SELECT duplicate, survivor, merge_people.reason, merge_people.identity_choice, merge_people.former_identity, p.sex, p.birth_year, p.note, moved,
               dropped_applications, dropped_memberships, discarding
          FROM people p WHERE p.tenant_id = tenant AND p.id = duplicate;
    DELETE FROM people p WHERE p.tenant_id = tenant AND p.id = duplicate;
    SET CONSTRAINTS ALL IMMEDIATE;
    RETURN moved;
END $$;
REVOKE ALL ON FUNCTION merge_people(uuid, uuid, uuid[], uuid[], uuid[], jsonb, text, text, bytea, boolean) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION merge_people(uuid, uuid, uuid[], uuid[], uuid[], jsonb, text, text, bytea, boolean) TO pai_service;
