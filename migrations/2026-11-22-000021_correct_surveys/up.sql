-- An answered form is corrected as a whole: the new one names the one it replaces, and why.
ALTER TABLE survey_responses
    ADD COLUMN supersedes_id uuid,
    ADD COLUMN correction_reason text,
    ADD COLUMN superseded_at timestamptz,
    ADD CONSTRAINT survey_responses_supersedes_fkey FOREIGN KEY (tenant_id, supersedes_id) REFERENCES survey_responses (tenant_id, id),
    ADD CONSTRAINT survey_responses_supersedes_key UNIQUE (tenant_id, supersedes_id),
    ADD CONSTRAINT survey_responses_correction_check CHECK ((supersedes_id IS NULL) = (correction_reason IS NULL));
COMMENT ON COLUMN survey_responses.superseded_at IS 'When a correction replaced it.';
GRANT UPDATE (superseded_at) ON survey_responses TO pai_service;
