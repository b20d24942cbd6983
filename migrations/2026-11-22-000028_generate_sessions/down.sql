ALTER TABLE sessions DROP COLUMN pattern_id;
DROP TABLE session_patterns;
