DROP TABLE ranking_appeal_decisions;
DROP TABLE ranking_appeals;
ALTER TABLE ranking_protocols DROP COLUMN replaces_id;
