-- How many days after a session, or a day of work, a role may still enter or correct what happened on it.

CREATE TABLE entry_windows (
    tenant_id uuid NOT NULL DEFAULT app_tenant(),
    id uuid NOT NULL,
    subject text NOT NULL,
    role text NOT NULL,
    valid_from_on date NOT NULL,
    days integer,
    legal_source text NOT NULL,
    supersedes_id uuid,
    superseded_at timestamptz,
    correction_reason text,
    recorded_at timestamptz NOT NULL DEFAULT app_now(),
    recorded_by uuid NOT NULL DEFAULT app_client(),
    CONSTRAINT entry_windows_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT entry_windows_supersedes_fkey FOREIGN KEY (tenant_id, supersedes_id) REFERENCES entry_windows (tenant_id, id),
    CONSTRAINT entry_windows_supersedes_key UNIQUE (tenant_id, supersedes_id),
    CONSTRAINT entry_windows_subject_check CHECK (subject IN ('attendance', 'psuHours')),
    CONSTRAINT entry_windows_role_check CHECK (role IN ('coordinator', 'social_worker', 'host_supervisor', 'facilitator')),
    CONSTRAINT entry_windows_days_check CHECK (days BETWEEN 0 AND 3660),
    CONSTRAINT entry_windows_correction_check CHECK ((supersedes_id IS NULL) = (correction_reason IS NULL))
);
COMMENT ON TABLE entry_windows IS 'Late entry: until how many days after it a role may still write what happened on a day. A role without a row may always. Append-only; a correction supersedes.';
COMMENT ON COLUMN entry_windows.valid_from_on IS 'First day of classes or work that it is for; it holds until the next one of the role begins.';
COMMENT ON COLUMN entry_windows.days IS 'Days after the day itself; nothing lifts an earlier limit.';
COMMENT ON COLUMN entry_windows.legal_source IS 'Rules of the programme or order of the head of the centre that set it.';
SELECT protect_tenant_table('entry_windows');
CREATE UNIQUE INDEX entry_windows_from_key ON entry_windows (tenant_id, subject, role, valid_from_on) WHERE superseded_at IS NULL;
GRANT UPDATE (superseded_at) ON entry_windows TO pai_service;

-- Whether a role may no longer write what happened on a day.
CREATE FUNCTION entry_is_closed(tenant uuid, subject text, role text, day date, today date) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT coalesce((SELECT day + w.days < today FROM entry_windows w
                      WHERE w.tenant_id = entry_is_closed.tenant AND w.subject = entry_is_closed.subject AND w.role = entry_is_closed.role
                        AND w.superseded_at IS NULL AND w.valid_from_on <= day
                      ORDER BY w.valid_from_on DESC LIMIT 1), false)
$$;

-- As before, with the time for excuses, and no row once the time for the role is over.
DROP FUNCTION first_sheet_terms(uuid, uuid);
CREATE FUNCTION first_sheet_terms(tenant uuid, session uuid, role text, today date)
    RETURNS TABLE (edition_id uuid, held_on date, minutes integer, facilitator_partner_id uuid, expected uuid[], excuse_days integer)
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
                ORDER BY p.id),
               (g.parameters -> 'absence' ->> 'excuseDays')::integer
          FROM sessions s
          JOIN editions e ON e.tenant_id = tenant AND e.id = s.edition_id
          JOIN agreements a ON a.tenant_id = tenant AND a.id = e.agreement_id
          JOIN regimes g ON g.tenant_id = a.regime_tenant_id AND g.id = a.regime_id
         WHERE s.tenant_id = tenant AND s.id = session AND s.attendance_version = 0 AND NOT s.roster_limited
           AND NOT entry_is_closed(tenant, 'attendance', role, s.held_on, today);
END $$;

DROP FUNCTION record_first_sheet(uuid, uuid, text, text, text, uuid, uuid, date, integer, uuid[], uuid[], uuid[], text[], integer[], text[],
                                 text, bytea, bytea, uuid, uuid, text, text, text[], uuid, jsonb);
CREATE FUNCTION record_first_sheet(
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
           AND NOT EXISTS (SELECT FROM suspensions r WHERE r.tenant_id = tenant AND r.participation_id = p.id
                              AND day BETWEEN r.from_on AND r.to_on)
         ORDER BY p.id FOR KEY SHARE OF p) held;
    IF present <> expected THEN RAISE EXCEPTION 'other people' USING ERRCODE = 'PAI01'; END IF;

    PERFORM insert_attendance(session, edition, ids, participations, statuses, durations, reasons, evidences, shown, due,
                              array_fill(NULL::uuid, ARRAY[cardinality(ids)]), NULL);
    PERFORM finish_write(audit, operation, role, caller, purpose, 'session', ARRAY[session], fields, false, false, NULL, request,
                         ARRAY[event], ARRAY['session'], ARRAY[session], ARRAY['attendance.recorded'], event_data,
                         record_first_sheet.key, 200::smallint, NULL, '"1"', record_first_sheet.body);
END $$;
