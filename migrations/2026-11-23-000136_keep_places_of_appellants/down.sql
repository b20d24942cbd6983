ALTER TABLE ranking_appeal_decisions DROP COLUMN stood_before, DROP COLUMN override_reason;
