-- The entry number {number} in the work register of everybody in the editions {from} to {to}: two in a week, four hours each.
INSERT INTO psu_entries (tenant_id, id, edition_id, participation_id, person_id, worked_on, minutes, kind_of_work, recorded_at)
SELECT tenant, bench.id('0006', ({number}::bigint << 32) + p), edition, participation, person,
       starts_on + 7 * ({number} / 2) + 2 * ({number} % 2), 240, 'porządkowe',
       starts_on + 7 * ({number} / 2) + 2 * ({number} % 2) + interval '15 hours'
  FROM bench.people WHERE held AND n BETWEEN {from} AND {to};
