\set person random(1, {held_people})
\set entry random(0, {last_entry})
{begin_read}SELECT id, edition_id, participation_id, person_id, host_id, worked_on, minutes, kind_of_work, supersedes_id, superseded_at, correction_reason, recorded_at
  FROM psu_entries WHERE tenant_id = '{tenant}' AND id = bench.id('0006', :entry * 4294967296 + :person) LIMIT 1;
COMMIT;
