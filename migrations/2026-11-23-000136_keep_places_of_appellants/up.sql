-- Where whoever appealed stood before the decision, and why it lowers them all the same.
ALTER TABLE ranking_appeal_decisions
    ADD COLUMN stood_before jsonb,
    ADD COLUMN override_reason text,
    ADD CONSTRAINT ranking_appeal_decisions_override_check CHECK (override_reason IS NULL OR outcome = 'upheld');
COMMENT ON COLUMN ranking_appeal_decisions.stood_before IS 'Where the candidate stood in the protocol that the decision goes on from; nothing in decisions of before it was kept.';
COMMENT ON COLUMN ranking_appeal_decisions.override_reason IS 'Why the appeal was upheld although its candidate stands lower than before.';
