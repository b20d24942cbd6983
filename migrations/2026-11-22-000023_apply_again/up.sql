-- Who withdrew an application may apply again: the new one names the one before, and one application of a person counts.
ALTER TABLE applications
    ADD COLUMN former_id uuid,
    ADD COLUMN applied_again boolean NOT NULL DEFAULT false,
    ADD CONSTRAINT applications_former_fkey FOREIGN KEY (tenant_id, edition_id, person_id, former_id)
        REFERENCES applications (tenant_id, edition_id, person_id, id) DEFERRABLE,
    ADD CONSTRAINT applications_former_key UNIQUE (tenant_id, former_id),
    ADD CONSTRAINT applications_former_check CHECK (former_id <> id),
    ADD CONSTRAINT applications_applied_again_check CHECK (state = 'withdrawn' OR NOT applied_again);
DROP INDEX applications_person_key;
CREATE UNIQUE INDEX applications_person_key ON applications (tenant_id, edition_id, person_id)
    WHERE duplicate_of_id IS NULL AND NOT applied_again;
COMMENT ON COLUMN applications.former_id IS 'The application to the same edition that the person had withdrawn before.';
COMMENT ON COLUMN applications.applied_again IS 'Withdrawn, and the person has applied to the edition again: the later application counts.';
GRANT UPDATE (applied_again) ON applications TO pai_service;
