ALTER TABLE plan_revisions DROP COLUMN override_reason, DROP COLUMN override_rules;
ALTER TABLE application_events DROP COLUMN override_rules;
ALTER TABLE prolongations DROP COLUMN override_rules;
ALTER TABLE participations DROP COLUMN override_rules;
