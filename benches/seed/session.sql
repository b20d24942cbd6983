-- The session number {number} of the editions {from} to {to} with its sheet. One number after the other, so that the rows of
-- a town lie between those of all others, as they do when they are recorded over the years.
INSERT INTO sessions (tenant_id, id, edition_id, block_id, held_on, minutes, form, roster_limited, attendance_version)
SELECT tenant, bench.id('0007', ({number}::bigint << 32) + n), edition, bench.id('0009', n * 2 + 1),
       starts_on + {number} * 58 / {sessions}, 120, 'group', false, 1
  FROM bench.editions WHERE held AND n BETWEEN {from} AND {to};
INSERT INTO attendance (tenant_id, id, edition_id, session_id, participation_id, status, minutes, reason_class, recorded_at)
SELECT tenant, bench.id('0008', ({number}::bigint << 32) + p), edition, bench.id('0007', ({number}::bigint << 32) + n), participation,
       CASE WHEN dice = 0 THEN 'excused' WHEN dice = 1 THEN 'unexcused' WHEN dice = 2 THEN 'late' ELSE 'present' END,
       CASE WHEN dice < 2 THEN 0 WHEN dice = 2 THEN 105 ELSE 120 END, CASE WHEN dice = 0 THEN 'health' END,
       starts_on + {number} * 58 / {sessions} + interval '14 hours'
  FROM bench.people, LATERAL (SELECT (p * 7 + {number} * 13) % 20 AS dice) d WHERE held AND n BETWEEN {from} AND {to};
