SELECT s.id AS session, t.edition_id AS edition, t.held_on AS held, t.minutes, t.expected
  FROM (SELECT bench.id('0007', (1 + n / {open} << 32) + {first_open} + n % {open}) AS id FROM nextval('bench.sheets') n) s,
       LATERAL first_sheet_terms('{tenant}', s.id, 'coordinator', '2026-06-15') t \gset
SELECT record_first_sheet(
  '{tenant}', '{client}', 'coordinator', '2026-06-15T10:00:00.000000Z', 'record_attendance',
  :session, :edition, :held, :minutes, :expected,
  ARRAY(SELECT gen_random_uuid() FROM generate_series(1, {group})), :expected,
  array_fill('present'::text, ARRAY[{group}]), array_fill(120, ARRAY[{group}]), array_fill(NULL::text, ARRAY[{group}]),
  array_fill(NULL::text, ARRAY[{group}]), array_fill(NULL::date, ARRAY[{group}]), NULL,
  gen_random_uuid()::text, decode(repeat('00', 32), 'hex'), decode(repeat('00', 4096), 'hex'),
  gen_random_uuid(), gen_random_uuid(), NULL, NULL, ARRAY['rows'], gen_random_uuid(),
  '[{"sessionId": "00000000-0007-7000-8000-000000000001", "editionId": "00000000-0003-7000-8000-000000000001", "heldOn": "2026-06-15", "version": 1}]'::jsonb);
