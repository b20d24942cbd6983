\set person random(1, {held_people})
\set entry random(0, {last_entry})
SELECT * FROM read_psu_entries('{tenant}', ARRAY[bench.id('0006', :entry * 4294967296 + :person)]);
