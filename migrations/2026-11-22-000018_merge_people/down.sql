DROP FUNCTION merge_people, merge_conflicts;
ALTER TABLE psu_entries ALTER CONSTRAINT psu_entries_person_fkey NOT DEFERRABLE;
ALTER TABLE participations ALTER CONSTRAINT participations_application_fkey NOT DEFERRABLE;
DROP INDEX applications_person_key;
ALTER TABLE applications
    DROP CONSTRAINT applications_duplicate_fkey, DROP CONSTRAINT applications_duplicate_check, DROP COLUMN duplicate_of_id,
    ADD CONSTRAINT applications_person_key UNIQUE (tenant_id, edition_id, person_id);
DROP TABLE merged_people;
