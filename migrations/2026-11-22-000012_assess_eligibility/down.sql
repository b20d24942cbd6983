ALTER TABLE application_events
    DROP COLUMN assessment_id,
    DROP CONSTRAINT application_events_basis_check,
    ADD CONSTRAINT application_events_basis_check CHECK (basis IN ('attested'));
DROP TABLE eligibility_assessments;
ALTER TABLE person_facts
    DROP COLUMN source_kind, DROP COLUMN survey_code, DROP COLUMN survey_version, DROP COLUMN evidence_on, DROP COLUMN expires_on,
    DROP CONSTRAINT person_facts_kind_check,
    ADD CONSTRAINT person_facts_kind_check CHECK (kind IN
        ('registeredUnemployed', 'benefitRight', 'socialAssistance', 'helpProfile', 'longTermUnemployed', 'disability', 'revitalisationArea', 'caringDuties', 'education', 'employmentStatus', 'socialContract', 'residence'));
