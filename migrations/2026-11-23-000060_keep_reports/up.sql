-- Final reports of editions: drafts, approved ones that never change, and those that replace them.

CREATE TABLE reports (
    tenant_id uuid NOT NULL DEFAULT app_tenant(),
    id uuid NOT NULL,
    edition_id uuid NOT NULL,
    number integer NOT NULL,
    replaces_id uuid,
    replacement_reason text,
    state text NOT NULL,
    as_of timestamptz NOT NULL,
    document bytea NOT NULL,
    approved_on date,
    document_sha256 text,
    withdrawal_reason text,
    row_version integer NOT NULL DEFAULT 1,
    recorded_at timestamptz NOT NULL DEFAULT app_now(),
    recorded_by uuid NOT NULL DEFAULT app_client(),
    CONSTRAINT reports_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT reports_edition_fkey FOREIGN KEY (tenant_id, edition_id) REFERENCES editions (tenant_id, id),
    CONSTRAINT reports_replaces_fkey FOREIGN KEY (tenant_id, replaces_id) REFERENCES reports (tenant_id, id),
    CONSTRAINT reports_number_key UNIQUE (tenant_id, edition_id, number),
    CONSTRAINT reports_number_check CHECK (number > 0),
    CONSTRAINT reports_state_check CHECK (state IN ('draft', 'approved', 'withdrawn')),
    CONSTRAINT reports_replacement_check CHECK ((replaces_id IS NULL) = (replacement_reason IS NULL)),
    CONSTRAINT reports_approval_check CHECK ((state = 'approved') = (approved_on IS NOT NULL)
        AND (state = 'approved') = (document_sha256 IS NOT NULL)),
    CONSTRAINT reports_withdrawal_check CHECK ((state = 'withdrawn') = (withdrawal_reason IS NOT NULL))
);
COMMENT ON TABLE reports IS 'Final reports of editions (what the agreement has the centre report to the labour office, art. 62a(7) of the Act of 20 April 2004). An approved one never changes; what is found out afterwards makes a new one that replaces it.';
COMMENT ON COLUMN reports.number IS 'Number among the reports of the edition, from 1; that of a withdrawn draft is not given again.';
COMMENT ON COLUMN reports.as_of IS 'The moment that its figures answer for.';
COMMENT ON COLUMN reports.document IS 'The report as it was drawn up or approved, byte by byte: figures, events and notes, no names and no ids of people.';
SELECT protect_tenant_table('reports');
CREATE UNIQUE INDEX reports_draft_key ON reports (tenant_id, edition_id) WHERE state = 'draft';
-- A report is replaced once; whoever is to be replaced next is the newer one.
CREATE UNIQUE INDEX reports_replaces_key ON reports (tenant_id, replaces_id) WHERE state = 'approved';
GRANT UPDATE (state, document, approved_on, document_sha256, withdrawal_reason, row_version) ON reports TO pai_service;

CREATE FUNCTION refuse_change_of_reported() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a report that is no draft never changes';
END $$;
CREATE TRIGGER reports_never_change BEFORE UPDATE ON reports FOR EACH ROW
    WHEN (OLD.state <> 'draft') EXECUTE FUNCTION refuse_change_of_reported();

CREATE TABLE report_files (
    tenant_id uuid NOT NULL DEFAULT app_tenant(),
    id uuid NOT NULL,
    report_id uuid NOT NULL,
    format text NOT NULL,
    dialect text,
    sha256 text NOT NULL,
    content bytea NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT app_now(),
    CONSTRAINT report_files_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT report_files_report_fkey FOREIGN KEY (tenant_id, report_id) REFERENCES reports (tenant_id, id),
    CONSTRAINT report_files_format_check CHECK (format IN ('html', 'pdf', 'xlsx', 'csv')),
    CONSTRAINT report_files_dialect_check CHECK ((format = 'csv') = (dialect IS NOT NULL) AND dialect IN ('excelPl', 'rfc4180'))
);
COMMENT ON TABLE report_files IS 'The files of an approved report, written once at its approval and handed out byte by byte ever since; rows are only added.';
SELECT protect_tenant_table('report_files');
CREATE UNIQUE INDEX report_files_format_key ON report_files (tenant_id, report_id, format, coalesce(dialect, ''));
CREATE TRIGGER report_files_never_change BEFORE UPDATE OR DELETE ON report_files FOR EACH ROW
    EXECUTE FUNCTION refuse_change_of_reported();
