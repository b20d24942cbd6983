-- As before, but who rests is read after the participations are locked: a suspension that was committed meanwhile counts.
CREATE OR REPLACE FUNCTION record_first_sheet(
    tenant uuid, client uuid, role text, at text, operation text,
    session uuid, edition uuid, day date, duration integer, expected uuid[],
    ids uuid[], participations uuid[], statuses text[], durations integer[], reasons text[], evidences text[], shown date[], due date,
    key text, request_hash bytea, body bytea,
    audit uuid, request uuid, caller text, purpose text, fields text[], event uuid, event_data jsonb
) RETURNS void LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
DECLARE
    present uuid[];
BEGIN
    PERFORM set_config('app.tenant', tenant::text, true), set_config('app.client', client::text, true),
            set_config('app.now', at, true), set_config('lock_timeout', '100ms', true);

    IF record_first_sheet.key IS NOT NULL THEN
        INSERT INTO idempotency_keys (key, request_hash) VALUES (record_first_sheet.key, record_first_sheet.request_hash)
            ON CONFLICT DO NOTHING;
        IF NOT FOUND THEN RAISE EXCEPTION 'a key is known' USING ERRCODE = 'PAI01'; END IF;
    END IF;

    UPDATE sessions SET attendance_version = 1
     WHERE tenant_id = tenant AND id = session AND attendance_version = 0 AND NOT roster_limited
       AND edition_id = edition AND held_on = day AND minutes = duration;
    IF NOT FOUND THEN RAISE EXCEPTION 'another session' USING ERRCODE = 'PAI01'; END IF;

    -- A statement of its own after the lock of the session, in the order in which the plain way takes its locks.
    SELECT coalesce(array_agg(held.id), '{}') INTO present FROM (
        SELECT p.id FROM participations p
         WHERE p.tenant_id = tenant AND p.edition_id = edition
           AND p.starts_on <= day AND coalesce(p.ended_on, p.planned_end_on) >= day
         ORDER BY p.id FOR KEY SHARE OF p) held;
    -- Another one after those locks, so that it sees the suspensions that were committed while it waited.
    SELECT coalesce(array_agg(held.id ORDER BY held.place), '{}') INTO present
      FROM unnest(present) WITH ORDINALITY AS held (id, place)
     WHERE NOT EXISTS (SELECT FROM suspensions r WHERE r.tenant_id = tenant AND r.participation_id = held.id
                          AND day BETWEEN r.from_on AND r.to_on);
    IF present <> expected THEN RAISE EXCEPTION 'other people' USING ERRCODE = 'PAI01'; END IF;

    PERFORM insert_attendance(session, edition, ids, participations, statuses, durations, reasons, evidences, shown, due,
                              array_fill(NULL::uuid, ARRAY[cardinality(ids)]), NULL);
    PERFORM finish_write(audit, operation, role, caller, purpose, 'session', ARRAY[session], fields, false, false, NULL, request,
                         ARRAY[event], ARRAY['session'], ARRAY[session], ARRAY['attendance.recorded'], event_data,
                         record_first_sheet.key, 200::smallint, NULL, '"1"', record_first_sheet.body);
END $$;
