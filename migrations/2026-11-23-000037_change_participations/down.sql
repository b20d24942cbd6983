REVOKE UPDATE (ended_on) ON post_assignments FROM pai_service;
COMMENT ON COLUMN post_assignments.to_on IS NULL;
ALTER TABLE post_assignments
    DROP CONSTRAINT post_assignments_overlap_excl,
    DROP COLUMN ended_on,
    ADD CONSTRAINT post_assignments_overlap_excl EXCLUDE USING gist
        (tenant_id WITH =, participation_id WITH =, post_id WITH =, daterange(from_on, to_on, '[]') WITH &&);
DROP TABLE prolongations;
ALTER TABLE participation_events
    DROP CONSTRAINT participation_events_kind_check,
    ADD CONSTRAINT participation_events_kind_check CHECK (kind IN ('admitted', 'suspended', 'ended', 'completed'));
