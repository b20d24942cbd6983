-- What completion asks of a block, beside the share of all classes that an edition may ask for.
ALTER TABLE blocks
    ADD COLUMN completion_attendance_percent numeric(5,2),
    ADD COLUMN completion_minutes integer,
    ADD CONSTRAINT blocks_completion_percent_check CHECK (completion_attendance_percent BETWEEN 0 AND 100),
    ADD CONSTRAINT blocks_completion_minutes_check CHECK (completion_minutes > 0),
    ADD CONSTRAINT blocks_completion_check CHECK (num_nonnulls(completion_attendance_percent, completion_minutes) <= 1),
    -- Work is not scheduled, so a share of it can only be one of what is planned.
    ADD CONSTRAINT blocks_completion_base_check CHECK (kind <> 'activation' OR completion_attendance_percent IS NULL OR planned_minutes IS NOT NULL);
COMMENT ON COLUMN blocks.completion_attendance_percent IS 'Share of the hours of the block that completion asks for: of its classes, or of the planned hours of socially useful work.';
COMMENT ON COLUMN blocks.completion_minutes IS 'Hours of the block that completion asks for, in minutes.';
-- Entries of work belong to an edition and no block, so two minimums would be measured on the same hours.
CREATE UNIQUE INDEX blocks_completion_of_work_key ON blocks (tenant_id, edition_id)
    WHERE kind = 'activation' AND num_nonnulls(completion_attendance_percent, completion_minutes) > 0;
GRANT UPDATE (completion_attendance_percent, completion_minutes) ON blocks TO pai_service;

-- The columns that the table got after its view was made.
CREATE OR REPLACE VIEW past.blocks AS SELECT * FROM past.blocks_rows();
