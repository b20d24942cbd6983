DROP FUNCTION record_first_sheet(uuid, uuid, text, text, text, uuid, uuid, date, integer, uuid[], uuid[], uuid[], text[], integer[], text[], text[], date[], date,
                                 text, bytea, bytea, uuid, uuid, text, text, text[], uuid, jsonb);
DROP FUNCTION first_sheet_terms(uuid, uuid, text, date);
DROP FUNCTION entry_is_closed(uuid, text, text, date, date);
DROP TABLE entry_windows;

CREATE FUNCTION first_sheet_terms(tenant uuid, session uuid)
    RETURNS TABLE (edition_id uuid, held_on date, minutes integer, facilitator_partner_id uuid, expected uuid[])
    LANGUAGE plpgsql VOLATILE ROWS 1 AS $$
BEGIN
    PERFORM set_config('app.tenant', tenant::text, true);
    RETURN QUERY
        SELECT s.edition_id, s.held_on, s.minutes, s.facilitator_partner_id, ARRAY(
               SELECT p.id FROM participations p
                WHERE p.tenant_id = tenant AND p.edition_id = s.edition_id
                  AND p.starts_on <= s.held_on AND coalesce(p.ended_on, p.planned_end_on) >= s.held_on
                  AND NOT EXISTS (SELECT FROM suspensions r WHERE r.tenant_id = tenant AND r.participation_id = p.id
                                     AND s.held_on BETWEEN r.from_on AND r.to_on)
                ORDER BY p.id)
          FROM sessions s
         WHERE s.tenant_id = tenant AND s.id = session AND s.attendance_version = 0 AND NOT s.roster_limited;
END $$;

CREATE FUNCTION record_first_sheet(
    tenant uuid, client uuid, role text, at text, operation text,
    session uuid, edition uuid, day date, duration integer, expected uuid[],
    ids uuid[], participations uuid[], statuses text[], durations integer[], reasons text[],
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
           AND NOT EXISTS (SELECT FROM suspensions r WHERE r.tenant_id = tenant AND r.participation_id = p.id
                              AND day BETWEEN r.from_on AND r.to_on)
         ORDER BY p.id FOR KEY SHARE OF p) held;
    IF present <> expected THEN RAISE EXCEPTION 'other people' USING ERRCODE = 'PAI01'; END IF;

    PERFORM insert_attendance(session, edition, ids, participations, statuses, durations, reasons,
                              array_fill(NULL::uuid, ARRAY[cardinality(ids)]), NULL);
    PERFORM finish_write(audit, operation, role, caller, purpose, 'session', ARRAY[session], fields, false, false, NULL, request,
                         ARRAY[event], ARRAY['session'], ARRAY[session], ARRAY['attendance.recorded'], event_data,
                         record_first_sheet.key, 200::smallint, NULL, '"1"', record_first_sheet.body);
END $$;
