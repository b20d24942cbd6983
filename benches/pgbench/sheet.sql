{begin_write}INSERT INTO idempotency_keys (key, request_hash) VALUES (gen_random_uuid()::text, '\x00') ON CONFLICT DO NOTHING RETURNING key AS first \gset
UPDATE sessions SET attendance_version = attendance_version + 1
 WHERE tenant_id = '{tenant}' AND id = (SELECT bench.id('0007', (1 + n / {open} << 32) + {first_open} + n % {open}) FROM nextval('bench.sheets') n)
 RETURNING id AS session, edition_id AS edition, held_on AS held, minutes, roster_limited, attendance_version, facilitator_partner_id AS facilitator,
           (currval('bench.sheets') % {open} + {first_open} - 1) * {group} + 1 AS first_person \gset
SELECT p.id FROM participations p
 WHERE p.tenant_id = '{tenant}' AND p.edition_id = :edition AND p.starts_on <= :held AND coalesce(p.ended_on, p.planned_end_on) >= :held
   AND NOT EXISTS (SELECT 1 FROM suspensions s WHERE s.tenant_id = p.tenant_id AND s.participation_id = p.id AND s.from_on <= :held AND s.to_on >= :held)
 ORDER BY p.id FOR KEY SHARE OF p;
INSERT INTO attendance (id, session_id, edition_id, participation_id, status, minutes, reason_class, supersedes_id, correction_reason)
  VALUES {rows}
  RETURNING id, participation_id, status, minutes, reason_class, supersedes_id, superseded_at, correction_reason, recorded_at;
SELECT finish_write(gen_random_uuid(), 'record_attendance', 'coordinator', NULL, NULL, 'session', ARRAY[:session::uuid],
  ARRAY['rows'], false, false, NULL, gen_random_uuid(),
  ARRAY[gen_random_uuid()], ARRAY['session'], ARRAY[:session::uuid], ARRAY['attendance.recorded'],
  '[{"sessionId": "00000000-0007-7000-8000-000000000001", "editionId": "00000000-0003-7000-8000-000000000001", "heldOn": "2026-06-15", "version": 1}]'::jsonb,
  :first, 200::smallint, NULL, '"1"', decode(repeat('00', 4096), 'hex'));
COMMIT;
