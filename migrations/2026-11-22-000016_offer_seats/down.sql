DROP FUNCTION takes_part_elsewhere(uuid, bytea[], date, date);
DROP INDEX person_identities_participation_idx;
DROP TABLE elsewhere_checks, offers;
CREATE INDEX applications_edition_idx ON applications (tenant_id, edition_id, id);
ALTER TABLE applications DROP CONSTRAINT applications_edition_id_key;
ALTER TABLE editions
    DROP CONSTRAINT editions_offer_answer_days_check, DROP COLUMN automatic_offers, DROP COLUMN offer_answer_days;
