\set person random({first_writing}, {last_writing})
\set day random(0, {last_day})
SELECT record_psu_entries(
  '{tenant}', '{client}', 'coordinator', '2026-06-15T10:00:00.000000Z', 'record_psu_entry',
  ARRAY[gen_random_uuid()], ARRAY[bench.id('0005', :person)], ARRAY[bench.id('0004', :person)], ARRAY['{writing_edition}'::uuid],
  ARRAY['00000000-0000-0000-0000-000000000000'::uuid], ARRAY['{regime}'::uuid], ARRAY[600],
  ARRAY[NULL::uuid], ARRAY[date '{writing_from}' + :day::integer], ARRAY[15], ARRAY['porządkowe'],
  ARRAY[gen_random_uuid()::text], ARRAY[decode(repeat('00', 32), 'hex')],
  ARRAY['/api/v1/psu-entries/00000000-0006-7000-8000-000000000001'], ARRAY[decode(repeat('00', 480), 'hex')],
  ARRAY[gen_random_uuid()], ARRAY[gen_random_uuid()], ARRAY[NULL::text], ARRAY[NULL::text],
  ARRAY['hours,kindOfWork,participationId,workedOn'], ARRAY[gen_random_uuid()],
  '[{"psuEntryId": "00000000-0006-7000-8000-000000000001", "participationId": "00000000-0005-7000-8000-000000000001", "editionId": "00000000-0003-7000-8000-000000000001", "workedOn": "2026-06-15", "supersedesId": null}]'::jsonb);
