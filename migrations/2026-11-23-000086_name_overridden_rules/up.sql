-- Which soft rules a worker's reason departed from; what was recorded before they were named has none.
ALTER TABLE participations
    ADD COLUMN override_rules text[],
    ADD CONSTRAINT participations_override_check CHECK (override_rules IS NULL OR override_reason IS NOT NULL);
ALTER TABLE prolongations
    ADD COLUMN override_rules text[],
    ADD CONSTRAINT prolongations_override_check CHECK (override_rules IS NULL OR override_reason IS NOT NULL);
ALTER TABLE application_events
    ADD COLUMN override_rules text[],
    ADD CONSTRAINT application_events_override_check CHECK (override_rules IS NULL OR override_reason IS NOT NULL);
ALTER TABLE plan_revisions
    ADD COLUMN override_reason text,
    ADD COLUMN override_rules text[],
    ADD CONSTRAINT plan_revisions_override_check CHECK ((override_rules IS NULL) = (override_reason IS NULL));
COMMENT ON COLUMN participations.override_rules IS 'Codes of the soft rules that the admission departed from.';
COMMENT ON COLUMN prolongations.override_rules IS 'Codes of the soft rules that the prolongation departed from.';
COMMENT ON COLUMN application_events.override_rules IS 'Codes of the soft rules that the decision departed from.';
COMMENT ON COLUMN plan_revisions.override_reason IS 'Why places were taken away that somebody has.';
COMMENT ON COLUMN plan_revisions.override_rules IS 'Codes of the soft rules that the revision departed from.';
