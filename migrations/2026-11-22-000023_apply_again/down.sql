-- Fails where somebody has applied again: the former rule knows no second application.
REVOKE UPDATE (applied_again) ON applications FROM pai_service;
DROP INDEX applications_person_key;
CREATE UNIQUE INDEX applications_person_key ON applications (tenant_id, edition_id, person_id) WHERE duplicate_of_id IS NULL;
ALTER TABLE applications
    DROP CONSTRAINT applications_former_fkey, DROP CONSTRAINT applications_former_key,
    DROP CONSTRAINT applications_former_check, DROP CONSTRAINT applications_applied_again_check,
    DROP COLUMN former_id, DROP COLUMN applied_again;
