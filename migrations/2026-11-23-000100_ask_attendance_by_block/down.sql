DROP VIEW past.blocks;
DROP INDEX blocks_completion_of_work_key;
ALTER TABLE blocks DROP COLUMN completion_attendance_percent, DROP COLUMN completion_minutes;
CREATE VIEW past.blocks AS SELECT * FROM past.blocks_rows();
GRANT SELECT ON past.blocks TO pai_service;
