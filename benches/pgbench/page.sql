\set edition random(1, {held_editions})
{begin_read}SELECT id, edition_id, participation_id, person_id, host_id, worked_on, minutes, kind_of_work, supersedes_id, superseded_at, correction_reason, recorded_at
  FROM psu_entries
 WHERE tenant_id = '{tenant}' AND id > '00000000-0000-0000-0000-000000000000' AND edition_id = bench.id('0003', :edition) AND superseded_at IS NULL
 ORDER BY id LIMIT 51;
COMMIT;
