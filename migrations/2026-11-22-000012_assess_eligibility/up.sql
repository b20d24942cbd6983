-- Facts about people: who found out, on what evidence, and until when that may be relied upon.
ALTER TABLE person_facts
    ADD COLUMN source_kind text, ADD COLUMN survey_code text, ADD COLUMN survey_version integer,
    ADD COLUMN evidence_on date, ADD COLUMN expires_on date,
    DROP CONSTRAINT person_facts_kind_check,
    ADD CONSTRAINT person_facts_kind_check CHECK (kind IN
        ('registeredUnemployed', 'unemployedSince', 'benefitRight', 'socialAssistance', 'helpProfile', 'longTermUnemployed', 'disability', 'revitalisationArea', 'caringDuties', 'workingAge', 'education', 'employmentStatus', 'specialSituation', 'socialContract', 'residence')),
    ADD CONSTRAINT person_facts_source_kind_check CHECK (source_kind IN ('applicant', 'interview', 'survey', 'needsDiagnosis', 'labourOffice', 'other')),
    ADD CONSTRAINT person_facts_survey_check CHECK ((survey_code IS NULL) = (survey_version IS NULL)
        AND (survey_code IS NOT NULL) = (source_kind IS NOT NULL AND source_kind = 'survey')),
    ADD CONSTRAINT person_facts_survey_version_check CHECK (survey_version > 0),
    ADD CONSTRAINT person_facts_expiry_check CHECK (expires_on >= valid_from_on);
COMMENT ON COLUMN person_facts.survey_code IS 'Code of the survey form that was answered; all its versions share it.';
COMMENT ON COLUMN person_facts.evidence_on IS 'Day of the evidence, such as the date of a certificate.';
COMMENT ON COLUMN person_facts.expires_on IS 'Last day on which the evidence may be relied upon; the fact itself may hold longer.';

-- Whether a candidate meets the conditions of the regime, as the facts stood. Never changed: an appeal is a row of its own.
CREATE TABLE eligibility_assessments (
    tenant_id uuid NOT NULL DEFAULT app_tenant(),
    id uuid NOT NULL,
    application_id uuid NOT NULL,
    effective_on date NOT NULL,
    regime_id uuid NOT NULL,
    criteria jsonb NOT NULL,
    home_teryt text,
    outcome text NOT NULL,
    facts jsonb NOT NULL,
    exceptions jsonb NOT NULL,
    findings jsonb NOT NULL,
    qualifies_from_on date,
    appeal_of_id uuid,
    appealed_on date,
    appeal_reason text,
    recorded_at timestamptz NOT NULL DEFAULT app_now(),
    recorded_by uuid NOT NULL DEFAULT app_client(),
    CONSTRAINT eligibility_assessments_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT eligibility_assessments_application_fkey FOREIGN KEY (tenant_id, application_id) REFERENCES applications (tenant_id, id),
    CONSTRAINT eligibility_assessments_application_key UNIQUE (tenant_id, application_id, id),
    CONSTRAINT eligibility_assessments_appeal_fkey FOREIGN KEY (tenant_id, application_id, appeal_of_id)
        REFERENCES eligibility_assessments (tenant_id, application_id, id),
    CONSTRAINT eligibility_assessments_outcome_check CHECK (outcome IN ('ineligible', 'undetermined', 'eligibleByException', 'eligible')),
    CONSTRAINT eligibility_assessments_appeal_check CHECK ((appeal_of_id IS NULL) = (appealed_on IS NULL)
        AND (appeal_of_id IS NULL) = (appeal_reason IS NULL))
);
COMMENT ON TABLE eligibility_assessments IS 'Computed eligibility of candidates: rules, the facts as they were known, what followed. Append-only.';
COMMENT ON COLUMN eligibility_assessments.criteria IS 'The conditions of the regime; kept, so that an appeal is decided by the rules that held.';
COMMENT ON COLUMN eligibility_assessments.home_teryt IS 'Territorial unit of the centre when it was assessed; the condition of residence means it unless the regime names others.';
COMMENT ON COLUMN eligibility_assessments.facts IS 'The facts about the conditions as they were known; kept, whatever is corrected later.';
COMMENT ON COLUMN eligibility_assessments.qualifies_from_on IS 'First later day on which all conditions would be met by these facts.';
SELECT protect_tenant_table('eligibility_assessments');

ALTER TABLE application_events
    ADD COLUMN assessment_id uuid,
    DROP CONSTRAINT application_events_basis_check,
    ADD CONSTRAINT application_events_basis_check CHECK (basis IN ('attested', 'assessed')),
    ADD CONSTRAINT application_events_assessment_check CHECK ((assessment_id IS NOT NULL) = (basis IS NOT NULL AND basis = 'assessed')),
    ADD CONSTRAINT application_events_assessment_fkey FOREIGN KEY (tenant_id, application_id, assessment_id)
        REFERENCES eligibility_assessments (tenant_id, application_id, id);
COMMENT ON COLUMN application_events.assessment_id IS 'The assessment of eligibility that a decision rests on.';
