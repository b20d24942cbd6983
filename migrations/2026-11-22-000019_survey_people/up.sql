-- Facts can be withdrawn: they were wrong, and nothing takes their place. Interviews and diagnoses are filled on forms too.
ALTER TABLE person_facts
    ADD COLUMN withdrawn_on date, ADD COLUMN withdrawal_reason text,
    DROP CONSTRAINT person_facts_kind_check,
    ADD CONSTRAINT person_facts_kind_check CHECK (kind IN
        ('registeredUnemployed', 'unemployedSince', 'benefitRight', 'socialAssistance', 'helpProfile', 'longTermUnemployed', 'disability', 'revitalisationArea', 'caringDuties', 'workingAge', 'education', 'employmentStatus', 'specialSituation', 'socialContract', 'residence', 'internship')),
    DROP CONSTRAINT person_facts_survey_check,
    ADD CONSTRAINT person_facts_survey_check CHECK ((survey_code IS NULL) = (survey_version IS NULL)
        AND (survey_code IS NOT NULL OR source_kind IS DISTINCT FROM 'survey')
        AND (survey_code IS NULL OR coalesce(source_kind, '') IN ('survey', 'interview', 'needsDiagnosis'))),
    ADD CONSTRAINT person_facts_withdrawal_check CHECK ((withdrawn_on IS NULL) = (withdrawal_reason IS NULL)
        AND (withdrawn_on IS NULL OR superseded_at IS NOT NULL));
COMMENT ON COLUMN person_facts.withdrawn_on IS 'Day on which the fact was found to be wrong without another taking its place.';
GRANT UPDATE (withdrawn_on, withdrawal_reason) ON person_facts TO pai_service;

CREATE TABLE survey_forms (
    tenant_id uuid NOT NULL DEFAULT app_tenant(),
    id uuid NOT NULL,
    code text NOT NULL,
    version integer NOT NULL,
    kind text NOT NULL,
    title text NOT NULL,
    questions jsonb NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT app_now(),
    recorded_by uuid NOT NULL DEFAULT app_client(),
    CONSTRAINT survey_forms_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT survey_forms_tenant_fkey FOREIGN KEY (tenant_id) REFERENCES institutions (id),
    CONSTRAINT survey_forms_code_key UNIQUE (tenant_id, code, version),
    CONSTRAINT survey_forms_version_check CHECK (version > 0),
    CONSTRAINT survey_forms_kind_check CHECK (kind IN ('survey', 'interview', 'needsDiagnosis'))
);
COMMENT ON TABLE survey_forms IS 'Forms of surveys, interviews and diagnoses of needs, with the facts that their answers give. Never changed: a change is a version of its own.';
SELECT protect_tenant_table('survey_forms');

-- An answered form may belong to an application of the same person, and to no other.
ALTER TABLE applications ADD CONSTRAINT applications_of_person_key UNIQUE (tenant_id, id, person_id);

CREATE TABLE survey_responses (
    tenant_id uuid NOT NULL DEFAULT app_tenant(),
    id uuid NOT NULL,
    person_id uuid NOT NULL,
    form_id uuid NOT NULL,
    application_id uuid,
    answered_on date NOT NULL,
    answered_by text NOT NULL,
    answers bytea,
    effects jsonb NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT app_now(),
    recorded_by uuid NOT NULL DEFAULT app_client(),
    CONSTRAINT survey_responses_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT survey_responses_person_fkey FOREIGN KEY (tenant_id, person_id) REFERENCES people (tenant_id, id),
    CONSTRAINT survey_responses_form_fkey FOREIGN KEY (tenant_id, form_id) REFERENCES survey_forms (tenant_id, id),
    CONSTRAINT survey_responses_application_fkey FOREIGN KEY (tenant_id, application_id, person_id)
        REFERENCES applications (tenant_id, id, person_id) DEFERRABLE INITIALLY IMMEDIATE,
    CONSTRAINT survey_responses_answered_by_check CHECK (answered_by IN ('applicant', 'interview', 'documents', 'other'))
);
COMMENT ON TABLE survey_responses IS 'Answered forms of people. Append-only; the answers are encrypted under the key of the person.';
COMMENT ON COLUMN survey_responses.answers IS 'All answers as one sealed document; none once the key of the person was destroyed.';
COMMENT ON COLUMN survey_responses.effects IS 'Which facts followed: recorded, or known before.';
SELECT protect_tenant_table('survey_responses');
CREATE INDEX survey_responses_person_idx ON survey_responses (tenant_id, person_id, id);
