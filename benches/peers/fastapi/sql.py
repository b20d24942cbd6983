"""The statements, under row-level security: a transaction begins with its context."""

COLUMNS = """id, edition_id, participation_id, person_id, host_id, worked_on, minutes, started_at, ended_at, kind_of_work,
    supersedes_id, superseded_at, correction_reason, recorded_at"""

CONTEXT = "SELECT set_config('app.tenant', $1, true), set_config('app.client', $2, true), set_config('app.now', now()::text, true)"
CLIENT = "SELECT * FROM find_client('built-in', $1)"
TAKE_KEY = "INSERT INTO idempotency_keys (key, request_hash) VALUES ($1, $2) ON CONFLICT DO NOTHING"
FIRST_ANSWER = "SELECT request_hash, status, body FROM idempotency_keys WHERE tenant_id = $1 AND client_id = $2 AND key = $3"
TERMS = """SELECT p.person_id, p.edition_id, p.starts_on, coalesce(p.ended_on, p.planned_end_on) AS ends_on,
        r.parameters->>'psuWeeklyLimit' AS weekly_limit,
        EXISTS (SELECT 1 FROM suspensions s WHERE s.tenant_id = p.tenant_id AND s.participation_id = p.id
                   AND $3::date BETWEEN s.from_on AND s.to_on) AS rests
    FROM participations p JOIN editions e ON e.tenant_id = p.tenant_id AND e.id = p.edition_id
    JOIN agreements a ON a.tenant_id = e.tenant_id AND a.id = e.agreement_id
    JOIN regimes r ON r.tenant_id = a.regime_tenant_id AND r.id = a.regime_id
    WHERE p.tenant_id = $1 AND p.id = $2 FOR KEY SHARE OF p"""
BOOK_WEEK = """INSERT INTO psu_weeks AS w (person_id, week_on, used_minutes, limit_minutes)
    VALUES ($1, date_trunc('week', $2::date)::date, $3, $4)
    ON CONFLICT (tenant_id, person_id, week_on) DO UPDATE
       SET used_minutes = w.used_minutes + $3, limit_minutes = least(w.limit_minutes, $4)
     WHERE w.used_minutes + $3 <= least(w.limit_minutes, $4)"""
INSERT_ENTRY = f"""INSERT INTO psu_entries (id, edition_id, participation_id, person_id, host_id, worked_on, minutes, kind_of_work)
    VALUES ($1, $2, $3, $4, $5, $6, $7, $8) RETURNING {COLUMNS}"""
FINISH = """SELECT finish_write($1, $2, $3, NULL, NULL, $4, ARRAY[$5::uuid], $6, false, false, NULL, $7,
    ARRAY[$8::uuid], ARRAY[$9], ARRAY[$10::uuid], ARRAY[$11], $12, $13, $14, $15, $16, $17)"""
ENTRY = f"SELECT {COLUMNS} FROM psu_entries WHERE tenant_id = $1 AND id = $2"
PAGE = f"""SELECT {COLUMNS} FROM psu_entries WHERE tenant_id = $1 AND id > $2 AND edition_id = $3 AND superseded_at IS NULL
    ORDER BY id LIMIT $4"""
BEGIN_SHEET = """UPDATE sessions SET attendance_version = attendance_version + 1 WHERE tenant_id = $1 AND id = $2
    RETURNING edition_id, held_on, minutes, attendance_version AS version"""
EXPECTED = """SELECT p.id FROM participations p WHERE p.tenant_id = $1 AND p.edition_id = $2 AND p.starts_on <= $3
      AND coalesce(p.ended_on, p.planned_end_on) >= $3
      AND NOT EXISTS (SELECT 1 FROM suspensions s WHERE s.tenant_id = p.tenant_id AND s.participation_id = p.id
                         AND $3 BETWEEN s.from_on AND s.to_on)
    ORDER BY p.id FOR KEY SHARE OF p"""
INSERT_SHEET = """INSERT INTO attendance (id, session_id, edition_id, participation_id, status, minutes, reason_class)
    SELECT r.id, $1, $2, r.participation, r.status, r.minutes, r.reason
      FROM unnest($3::uuid[], $4::uuid[], $5::text[], $6::int[], $7::text[]) AS r (id, participation, status, minutes, reason)
    RETURNING id, participation_id, status, minutes, reason_class, supersedes_id, superseded_at, correction_reason, recorded_at"""
FIGURES = """SELECT
    (SELECT count(*) FROM participations WHERE tenant_id = e.tenant_id AND edition_id = e.id)::int AS started,
    (SELECT coalesce(sum(minutes), 0) FROM sessions WHERE tenant_id = e.tenant_id AND edition_id = e.id)::int AS delivered,
    (SELECT coalesce(sum(minutes), 0) FROM psu_entries
      WHERE tenant_id = e.tenant_id AND edition_id = e.id AND superseded_at IS NULL)::int AS worked,
    a.attended::int, a.scheduled::int
    FROM editions e, LATERAL (
        SELECT coalesce(sum(t.minutes), 0) AS attended, coalesce(sum(s.minutes), 0) AS scheduled
          FROM attendance t JOIN sessions s ON s.tenant_id = t.tenant_id AND s.id = t.session_id
         WHERE t.tenant_id = e.tenant_id AND t.edition_id = e.id AND t.superseded_at IS NULL) a
    WHERE e.tenant_id = $1 AND e.id = $2"""
