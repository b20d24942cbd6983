ALTER TABLE ranking_appeals DROP COLUMN restoration_reason;
DROP TABLE ranking_announcements;
ALTER TABLE scoring_rules DROP COLUMN appeal_days;
