DROP TABLE survey_responses;
ALTER TABLE applications DROP CONSTRAINT applications_of_person_key;
DROP TABLE survey_forms;
ALTER TABLE person_facts
    DROP COLUMN withdrawn_on, DROP COLUMN withdrawal_reason,
    DROP CONSTRAINT person_facts_kind_check,
    ADD CONSTRAINT person_facts_kind_check CHECK (kind IN
        ('registeredUnemployed', 'unemployedSince', 'benefitRight', 'socialAssistance', 'helpProfile', 'longTermUnemployed', 'disability', 'revitalisationArea', 'caringDuties', 'workingAge', 'education', 'employmentStatus', 'specialSituation', 'socialContract', 'residence')),
    DROP CONSTRAINT person_facts_survey_check,
    ADD CONSTRAINT person_facts_survey_check CHECK ((survey_code IS NULL) = (survey_version IS NULL)
        AND (survey_code IS NOT NULL) = (source_kind IS NOT NULL AND source_kind = 'survey'));
