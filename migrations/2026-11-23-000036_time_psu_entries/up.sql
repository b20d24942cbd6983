-- Clock times of entries of socially useful work, and days on which somebody was absent from it and is not paid.

ALTER TABLE psu_entries
    ADD COLUMN started_at time,
    ADD COLUMN ended_at time,
    ADD CONSTRAINT psu_entries_times_check CHECK ((started_at IS NULL) = (ended_at IS NULL)
        AND (started_at IS NULL OR (minutes > 0 AND ended_at > started_at AND minutes <= EXTRACT(epoch FROM ended_at - started_at) / 60))),
    ADD CONSTRAINT psu_entries_person_excl EXCLUDE USING gist
        (tenant_id WITH =, person_id WITH =, tsrange(worked_on + started_at, worked_on + ended_at) WITH &&)
        WHERE (superseded_at IS NULL AND started_at IS NOT NULL);
COMMENT ON COLUMN psu_entries.started_at IS 'When the work began, on the clocks of Europe/Warsaw; nothing where only the hours are known.';
COMMENT ON COLUMN psu_entries.ended_at IS 'When it ended, breaks included.';

CREATE TABLE psu_absences (
    tenant_id uuid NOT NULL DEFAULT app_tenant(),
    id uuid NOT NULL,
    edition_id uuid NOT NULL,
    participation_id uuid NOT NULL,
    from_on date NOT NULL,
    to_on date NOT NULL,
    kind text NOT NULL,
    reason_class text,
    informed_on date,
    withdrawn_on date,
    withdrawal_reason text,
    recorded_at timestamptz NOT NULL DEFAULT app_now(),
    recorded_by uuid NOT NULL DEFAULT app_client(),
    CONSTRAINT psu_absences_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT psu_absences_participation_fkey FOREIGN KEY (tenant_id, edition_id, participation_id) REFERENCES participations (tenant_id, edition_id, id),
    CONSTRAINT psu_absences_period_check CHECK (to_on >= from_on),
    CONSTRAINT psu_absences_kind_check CHECK (kind IN ('excused', 'unexcused', 'refused')),
    CONSTRAINT psu_absences_reason_check CHECK (reason_class IN ('health', 'care', 'official', 'jobInterview', 'other') AND (reason_class IS NULL OR kind = 'excused')),
    CONSTRAINT psu_absences_withdrawal_check CHECK ((withdrawn_on IS NULL) = (withdrawal_reason IS NULL)),
    CONSTRAINT psu_absences_overlap_excl EXCLUDE USING gist
        (tenant_id WITH =, participation_id WITH =, daterange(from_on, to_on, '[]') WITH &&) WHERE (withdrawn_on IS NULL)
);
COMMENT ON TABLE psu_absences IS 'Days on which somebody was absent from socially useful work or refused it, of which the labour office is informed (regulation of 21 December 2017, section 3(1)(5)). No hours are entered on them, and so none are paid.';
COMMENT ON COLUMN psu_absences.informed_on IS 'Day on which the labour office was informed; nothing while it has not been.';
SELECT protect_tenant_table('psu_absences');
CREATE INDEX psu_absences_edition_idx ON psu_absences (tenant_id, edition_id, id);
GRANT UPDATE (withdrawn_on, withdrawal_reason) ON psu_absences TO pai_service;

-- As before, with the times.
DROP FUNCTION read_psu_entries(uuid, uuid[]);
DROP FUNCTION list_psu_entries(uuid, uuid, uuid, bigint);
CREATE FUNCTION read_psu_entries(tenant uuid, wanted uuid[])
    RETURNS TABLE (id uuid, edition_id uuid, participation_id uuid, person_id uuid, host_id uuid, worked_on date, minutes integer,
                   started_at time, ended_at time, kind_of_work text, supersedes_id uuid, superseded_at timestamptz, correction_reason text, recorded_at timestamptz)
    LANGUAGE plpgsql VOLATILE ROWS 10 AS $$
BEGIN
    PERFORM set_config('app.tenant', tenant::text, true);
    RETURN QUERY
        SELECT e.id, e.edition_id, e.participation_id, e.person_id, e.host_id, e.worked_on, e.minutes,
               e.started_at, e.ended_at, e.kind_of_work, e.supersedes_id, e.superseded_at, e.correction_reason, e.recorded_at
          FROM psu_entries e WHERE e.tenant_id = tenant AND e.id = ANY (wanted);
END $$;

CREATE FUNCTION list_psu_entries(tenant uuid, edition uuid, after uuid, most bigint)
    RETURNS TABLE (id uuid, edition_id uuid, participation_id uuid, person_id uuid, host_id uuid, worked_on date, minutes integer,
                   started_at time, ended_at time, kind_of_work text, supersedes_id uuid, superseded_at timestamptz, correction_reason text, recorded_at timestamptz)
    LANGUAGE plpgsql VOLATILE ROWS 51 AS $$
BEGIN
    PERFORM set_config('app.tenant', tenant::text, true);
    -- Two statements, because each has its own index.
    IF edition IS NULL THEN
        RETURN QUERY
            SELECT e.id, e.edition_id, e.participation_id, e.person_id, e.host_id, e.worked_on, e.minutes,
                   e.started_at, e.ended_at, e.kind_of_work, e.supersedes_id, e.superseded_at, e.correction_reason, e.recorded_at
              FROM psu_entries e WHERE e.tenant_id = tenant AND e.id > after AND e.superseded_at IS NULL
             ORDER BY e.id LIMIT most;
    ELSE
        RETURN QUERY
            SELECT e.id, e.edition_id, e.participation_id, e.person_id, e.host_id, e.worked_on, e.minutes,
                   e.started_at, e.ended_at, e.kind_of_work, e.supersedes_id, e.superseded_at, e.correction_reason, e.recorded_at
              FROM psu_entries e WHERE e.tenant_id = tenant AND e.edition_id = edition AND e.id > after AND e.superseded_at IS NULL
             ORDER BY e.id LIMIT most;
    END IF;
END $$;

-- As before, but neither a day on which the role may no longer write nor one of an absence is plain.
CREATE OR REPLACE FUNCTION record_psu_entries(
    tenant uuid, client uuid, role text, at text, operation text,
    ids uuid[], participations uuid[], people uuid[], editions uuid[], regime_tenants uuid[], regimes uuid[], limits integer[],
    hosts uuid[], days date[], durations integer[], kinds text[],
    keys text[], hashes bytea[], locations text[], bodies bytea[],
    audits uuid[], requests uuid[], callers text[], purposes text[], fields text[],
    events uuid[], event_data jsonb
) RETURNS void LANGUAGE plpgsql VOLATILE AS $$
#variable_conflict use_column
DECLARE
    wanted CONSTANT integer := cardinality(ids);
    today CONSTANT date := (at::timestamptz AT TIME ZONE 'Europe/Warsaw')::date;
    done integer;
    fits boolean;
BEGIN
    PERFORM set_config('app.tenant', tenant::text, true), set_config('app.client', client::text, true),
            set_config('app.now', at, true), set_config('lock_timeout', '100ms', true);

    INSERT INTO idempotency_keys (key, request_hash, status, location, body)
        SELECT r.key, r.request_hash, 201, r.location, r.body
          FROM unnest(keys, hashes, locations, bodies) AS r (key, request_hash, location, body) WHERE r.key IS NOT NULL
         ORDER BY r.key
        ON CONFLICT DO NOTHING;
    GET DIAGNOSTICS done = ROW_COUNT;
    IF done <> cardinality(array_remove(keys, NULL)) THEN RAISE EXCEPTION 'a key is known' USING ERRCODE = 'PAI01'; END IF;

    -- Holds what an end, a suspension or a new cap would change, in the order in which a single entry does.
    PERFORM FROM unnest(participations, people, editions, regime_tenants, regimes, days)
                 AS r (participation, person, edition, regime_tenant, regime, day)
       JOIN participations p ON p.tenant_id = tenant AND p.id = r.participation
       JOIN editions e ON e.tenant_id = tenant AND e.id = p.edition_id
       JOIN agreements a ON a.tenant_id = tenant AND a.id = e.agreement_id
      WHERE p.person_id = r.person AND p.edition_id = r.edition
        AND a.regime_tenant_id = r.regime_tenant AND a.regime_id = r.regime AND a.monthly_cap_minutes IS NULL AND a.total_minutes IS NULL
        AND r.day BETWEEN p.starts_on AND coalesce(p.ended_on, p.planned_end_on)
        AND NOT entry_is_closed(tenant, 'psuHours', record_psu_entries.role, r.day, today)
        AND NOT EXISTS (SELECT FROM psu_months m WHERE m.tenant_id = tenant AND m.person_id = r.person
                           AND m.agreement_id = a.id AND m.month_on = date_trunc('month', r.day::timestamp)::date)
        AND NOT EXISTS (SELECT FROM psu_totals t WHERE t.tenant_id = tenant AND t.agreement_id = a.id)
        FOR KEY SHARE OF p, e, a;
    GET DIAGNOSTICS done = ROW_COUNT;
    IF done <> wanted THEN RAISE EXCEPTION 'not plain' USING ERRCODE = 'PAI01'; END IF;

    WITH asked AS (
        SELECT r.person, date_trunc('week', r.day::timestamp)::date AS week, sum(r.duration)::integer AS duration, min(r.most) AS most
          FROM unnest(people, days, durations, limits) AS r (person, day, duration, most)
         GROUP BY 1, 2 ORDER BY 1, 2
    ), taken AS (
        INSERT INTO psu_weeks AS w (person_id, week_on, used_minutes, limit_minutes)
            SELECT person, week, duration, most FROM asked
            ON CONFLICT (tenant_id, person_id, week_on) DO UPDATE
               SET used_minutes = w.used_minutes + EXCLUDED.used_minutes, limit_minutes = least(w.limit_minutes, EXCLUDED.limit_minutes)
             WHERE w.used_minutes + EXCLUDED.used_minutes <= least(w.limit_minutes, EXCLUDED.limit_minutes)
            RETURNING 1
    )
    SELECT (SELECT count(*) FROM asked) = (SELECT count(*) FROM taken) INTO fits;
    IF NOT fits THEN RAISE EXCEPTION 'a week is full' USING ERRCODE = 'PAI01'; END IF;

    -- A statement of its own after the locks, so that it sees the suspensions and absences that were committed while it waited.
    INSERT INTO psu_entries (id, edition_id, participation_id, person_id, host_id, worked_on, minutes, kind_of_work)
        SELECT r.id, r.edition, r.participation, r.person, r.host, r.day, r.duration, r.kind
          FROM unnest(ids, editions, participations, people, hosts, days, durations, kinds)
            AS r (id, edition, participation, person, host, day, duration, kind)
         WHERE NOT EXISTS (SELECT FROM suspensions s WHERE s.tenant_id = tenant AND s.participation_id = r.participation
                              AND r.day BETWEEN s.from_on AND s.to_on)
           AND NOT EXISTS (SELECT FROM psu_absences b WHERE b.tenant_id = tenant AND b.participation_id = r.participation
                              AND b.withdrawn_on IS NULL AND r.day BETWEEN b.from_on AND b.to_on);
    GET DIAGNOSTICS done = ROW_COUNT;
    IF done <> wanted THEN RAISE EXCEPTION 'a day at rest' USING ERRCODE = 'PAI01'; END IF;

    INSERT INTO audit_entries (id, operation, role, on_behalf_of, purpose, record_kind, record_ids, fields,
                               reveals_identity, dry_run, request_id)
        SELECT r.audit, record_psu_entries.operation, record_psu_entries.role, r.caller, r.purpose, 'psuEntry', ARRAY[r.id],
               string_to_array(r.sent, ','), false, false, r.request
          FROM unnest(audits, callers, purposes, ids, fields, requests) AS r (audit, caller, purpose, id, sent, request);

    WITH taken AS (
        INSERT INTO outbox_sequences AS s (aggregate_id, last_sequence)
            SELECT r.participation, count(*) FROM unnest(participations) AS r (participation) GROUP BY 1 ORDER BY 1
            ON CONFLICT (tenant_id, aggregate_id) DO UPDATE SET last_sequence = s.last_sequence + EXCLUDED.last_sequence
            RETURNING s.aggregate_id, s.last_sequence
    )
    INSERT INTO outbox_events (id, aggregate_kind, aggregate_id, sequence, type, data)
        SELECT r.event, 'participation', r.participation,
               t.last_sequence - row_number() OVER (PARTITION BY r.participation ORDER BY r.place DESC) + 1,
               'psu_entry.recorded', event_data -> (r.place - 1)::integer
          FROM unnest(events, participations) WITH ORDINALITY AS r (event, participation, place)
          JOIN taken t ON t.aggregate_id = r.participation;
END $$;
