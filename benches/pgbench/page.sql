\set edition random(1, {held_editions})
SELECT * FROM list_psu_entries('{tenant}', bench.id('0003', :edition), '00000000-0000-0000-0000-000000000000', 51);
