\set person random({first_writing}, {last_writing})
\set day random(0, {last_day})
{begin_write}INSERT INTO idempotency_keys (key, request_hash) VALUES (gen_random_uuid()::text, '\x00') ON CONFLICT DO NOTHING RETURNING key AS first \gset
SELECT p.id, p.person_id, p.edition_id, a.id, p.starts_on, p.planned_end_on, p.ended_on, a.monthly_cap_minutes,
       EXISTS (SELECT 1 FROM psu_months m WHERE m.tenant_id = p.tenant_id AND m.person_id = p.person_id AND m.agreement_id = a.id
                  AND m.month_on = date_trunc('month', date '{writing_from}' + :day::integer)::date),
       (SELECT r.parameters FROM regimes r WHERE r.tenant_id = a.regime_tenant_id AND r.id = a.regime_id LIMIT 1)
  FROM participations p
  JOIN editions e ON e.tenant_id = p.tenant_id AND e.id = p.edition_id
  JOIN agreements a ON a.tenant_id = e.tenant_id AND a.id = e.agreement_id
 WHERE p.tenant_id = '{tenant}' AND p.id = bench.id('0005', :person)
   FOR KEY SHARE;
INSERT INTO psu_weeks (person_id, week_on, used_minutes, limit_minutes)
  VALUES (bench.id('0004', :person), date_trunc('week', date '{writing_from}' + :day::integer)::date, 15, 600)
  ON CONFLICT (tenant_id, person_id, week_on) DO UPDATE
     SET used_minutes = psu_weeks.used_minutes + 15, limit_minutes = least(psu_weeks.limit_minutes, 600)
   WHERE psu_weeks.used_minutes + 15 <= least(psu_weeks.limit_minutes, 600);
INSERT INTO psu_entries (id, edition_id, participation_id, person_id, host_id, worked_on, minutes, kind_of_work, supersedes_id, correction_reason)
  VALUES (gen_random_uuid(), '{writing_edition}', bench.id('0005', :person), bench.id('0004', :person), NULL,
          date '{writing_from}' + :day::integer, 15, 'porządkowe', NULL, NULL)
  RETURNING id, edition_id, participation_id, person_id, host_id, worked_on, minutes, kind_of_work, supersedes_id, superseded_at, correction_reason, recorded_at,
            EXISTS (SELECT 1 FROM suspensions s WHERE s.tenant_id = '{tenant}' AND s.participation_id = bench.id('0005', :person)
                       AND s.from_on <= date '{writing_from}' + :day::integer AND s.to_on >= date '{writing_from}' + :day::integer);
SELECT finish_write(gen_random_uuid(), 'record_psu_entry', 'coordinator', NULL, NULL, 'psuEntry', ARRAY[gen_random_uuid()],
  ARRAY['participationId', 'workedOn', 'hours', 'kindOfWork'], false, false, NULL, gen_random_uuid(),
  ARRAY[gen_random_uuid()], ARRAY['participation'], ARRAY[bench.id('0005', :person)],
  ARRAY['psu_entry.recorded'], '[{"psuEntryId": "00000000-0006-7000-8000-000000000001", "participationId": "00000000-0005-7000-8000-000000000001", "editionId": "00000000-0003-7000-8000-000000000001", "workedOn": "2026-06-15", "supersedesId": null}]'::jsonb,
  :first, 201::smallint, '/api/v1/psu-entries/00000000-0006-7000-8000-000000000001', NULL, decode(repeat('00', 480), 'hex'));
COMMIT;
