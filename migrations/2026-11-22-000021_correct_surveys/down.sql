REVOKE UPDATE (superseded_at) ON survey_responses FROM pai_service;
ALTER TABLE survey_responses
    DROP COLUMN superseded_at,
    DROP COLUMN correction_reason,
    DROP COLUMN supersedes_id;
