ALTER TABLE person_facts
    DROP CONSTRAINT person_facts_kind_check,
    ADD CONSTRAINT person_facts_kind_check CHECK (kind IN
        ('registeredUnemployed', 'unemployedSince', 'benefitRight', 'socialAssistance', 'helpProfile', 'longTermUnemployed', 'disability', 'revitalisationArea', 'caringDuties', 'workingAge', 'education', 'employmentStatus', 'specialSituation', 'socialContract', 'residence', 'internship'));
