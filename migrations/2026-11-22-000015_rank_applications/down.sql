ALTER TABLE application_events
    DROP COLUMN ranking_protocol_id, DROP COLUMN rejection_reason, DROP COLUMN override_reason,
    DROP CONSTRAINT application_events_kind_check,
    DROP CONSTRAINT application_events_basis_check,
    DROP CONSTRAINT application_events_assessment_check;
DELETE FROM application_events WHERE kind IN ('documents', 'assessed', 'ranked');
UPDATE application_events SET basis = 'attested' WHERE basis = 'ranked';
ALTER TABLE application_events
    ADD CONSTRAINT application_events_kind_check CHECK (kind IN ('applied', 'selected', 'reserve', 'rejected', 'withdrawn')),
    ADD CONSTRAINT application_events_basis_check CHECK (basis IN ('attested', 'assessed')),
    ADD CONSTRAINT application_events_assessment_check CHECK ((assessment_id IS NOT NULL) = (basis IS NOT NULL AND basis = 'assessed'));
DROP TABLE ranking_adoptions;
DROP TABLE ranking_rows;
DROP TABLE ranking_protocols;
DROP TABLE manual_points;
DROP TABLE scoring_rules;
DROP TABLE application_documents;
ALTER TABLE applications
    DROP COLUMN referral_institution_id, DROP COLUMN referred_on, DROP COLUMN referral_number, DROP COLUMN outside_recruitment,
    DROP COLUMN rejection_reason;
ALTER TABLE editions DROP COLUMN selection;
