-- The people of the editions {from} to {to}: application, participation, and for those of editions that are over also the
-- follow-up and the ledger of their hours.
INSERT INTO people (tenant_id, id, sex, birth_year)
SELECT tenant, person, CASE WHEN p % 3 = 0 THEN 'male' ELSE 'female' END, 1960 + p % 45 FROM bench.people WHERE n BETWEEN {from} AND {to};
INSERT INTO applications (tenant_id, id, edition_id, person_id, received_on, received_precision, state, decision, decided_on)
SELECT tenant, bench.id('000a', p), edition, person, starts_on - 20, 'day', 'selected', 'selected', starts_on - 10
  FROM bench.people WHERE n BETWEEN {from} AND {to};
INSERT INTO participations (tenant_id, id, edition_id, person_id, application_id, starts_on, planned_end_on, ended_on, end_reason, end_polarity, state)
SELECT tenant, participation, edition, person, bench.id('000a', p), starts_on, ends_on,
       CASE WHEN held THEN ends_on END, CASE WHEN held THEN 'completed' END, CASE WHEN held THEN 'positive' END,
       CASE WHEN held THEN 'completed' ELSE 'active' END
  FROM bench.people WHERE n BETWEEN {from} AND {to};
INSERT INTO employment_checks (tenant_id, id, edition_id, participation_id, time_window, result, checked_on, source)
SELECT tenant, bench.id('000c', p), edition, participation, 'within3Months',
       CASE p % 4 WHEN 0 THEN 'employed' WHEN 1 THEN 'unknown' ELSE 'notEmployed' END, ends_on + 90, 'labourOffice'
  FROM bench.people WHERE held AND n BETWEEN {from} AND {to};
INSERT INTO psu_weeks (tenant_id, person_id, week_on, used_minutes, limit_minutes)
SELECT tenant, person, starts_on + 7 * week, CASE WHEN week < {entries} / 2 THEN 480 ELSE 240 END, 600
  FROM bench.people, generate_series(0, {entries} / 2) week WHERE held AND n BETWEEN {from} AND {to};
