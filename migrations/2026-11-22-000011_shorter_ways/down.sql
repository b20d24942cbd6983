CREATE INDEX psu_entries_edition_idx ON psu_entries (tenant_id, edition_id, participation_id)
    INCLUDE (minutes, worked_on) WHERE superseded_at IS NULL;
DROP INDEX psu_entries_of_edition_idx;
CREATE INDEX attendance_edition_idx ON attendance (tenant_id, edition_id, participation_id)
    INCLUDE (session_id, minutes, status) WHERE superseded_at IS NULL;
DROP INDEX attendance_of_edition_idx;
DROP FUNCTION record_first_sheet;
DROP FUNCTION first_sheet_terms;
