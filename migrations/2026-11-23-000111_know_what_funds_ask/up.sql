-- What the records of the European Social Fund ask of a participant besides (annex I to regulations (EU) 1304/2013 and 2021/1057).
ALTER TABLE person_facts
    DROP CONSTRAINT person_facts_kind_check,
    ADD CONSTRAINT person_facts_kind_check CHECK (kind IN
        ('registeredUnemployed', 'unemployedSince', 'benefitRight', 'socialAssistance', 'helpProfile', 'longTermUnemployed', 'disability', 'revitalisationArea', 'caringDuties', 'workingAge', 'education', 'employmentStatus', 'specialSituation', 'socialContract', 'residence', 'internship', 'householdSituation', 'citizenship', 'urbanisation', 'minorityOrMigrant', 'homelessness', 'otherDisadvantage'));
