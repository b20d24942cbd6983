-- The budget of an edition: planned lines by source and kind, and what was spent.

CREATE TABLE budget_lines (
    tenant_id uuid NOT NULL DEFAULT app_tenant(),
    id uuid NOT NULL,
    edition_id uuid NOT NULL,
    source text NOT NULL,
    kind text NOT NULL,
    purpose text NOT NULL,
    planned numeric(12, 2) NOT NULL,
    supersedes_id uuid,
    superseded_at timestamptz,
    correction_reason text,
    recorded_at timestamptz NOT NULL DEFAULT app_now(),
    recorded_by uuid NOT NULL DEFAULT app_client(),
    CONSTRAINT budget_lines_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT budget_lines_edition_fkey FOREIGN KEY (tenant_id, edition_id) REFERENCES editions (tenant_id, id),
    CONSTRAINT budget_lines_supersedes_fkey FOREIGN KEY (tenant_id, supersedes_id) REFERENCES budget_lines (tenant_id, id),
    CONSTRAINT budget_lines_supersedes_key UNIQUE (tenant_id, supersedes_id),
    CONSTRAINT budget_lines_source_check CHECK (source IN ('FP', 'FP_RESERVE', 'GMINA', 'ESF', 'OWN')),
    CONSTRAINT budget_lines_kind_check CHECK (kind IN ('cash', 'benefits')),
    CONSTRAINT budget_lines_planned_check CHECK (planned >= 0),
    CONSTRAINT budget_lines_correction_check CHECK ((supersedes_id IS NULL) = (correction_reason IS NULL))
);
COMMENT ON TABLE budget_lines IS 'Planned money of an edition by source and kind (art. 62a(7)(4) and 62c of the Act of 20 April 2004). A change is a line that supersedes, with its reason.';
COMMENT ON COLUMN budget_lines.kind IS 'Money, or social-assistance benefits paid to participants.';
CREATE UNIQUE INDEX budget_lines_current_key ON budget_lines (tenant_id, edition_id, source, kind, purpose) WHERE superseded_at IS NULL;
CREATE INDEX budget_lines_edition_idx ON budget_lines (tenant_id, edition_id, id);
SELECT protect_tenant_table('budget_lines');
GRANT UPDATE (superseded_at) ON budget_lines TO pai_service;

CREATE TABLE expenditures (
    tenant_id uuid NOT NULL DEFAULT app_tenant(),
    id uuid NOT NULL,
    edition_id uuid NOT NULL,
    source text NOT NULL,
    kind text NOT NULL,
    purpose text NOT NULL,
    spent_on date NOT NULL,
    amount numeric(12, 2) NOT NULL,
    document text,
    supersedes_id uuid,
    superseded_at timestamptz,
    correction_reason text,
    recorded_at timestamptz NOT NULL DEFAULT app_now(),
    recorded_by uuid NOT NULL DEFAULT app_client(),
    CONSTRAINT expenditures_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT expenditures_edition_fkey FOREIGN KEY (tenant_id, edition_id) REFERENCES editions (tenant_id, id),
    CONSTRAINT expenditures_supersedes_fkey FOREIGN KEY (tenant_id, supersedes_id) REFERENCES expenditures (tenant_id, id),
    CONSTRAINT expenditures_supersedes_key UNIQUE (tenant_id, supersedes_id),
    CONSTRAINT expenditures_source_check CHECK (source IN ('FP', 'FP_RESERVE', 'GMINA', 'ESF', 'OWN')),
    CONSTRAINT expenditures_kind_check CHECK (kind IN ('cash', 'benefits')),
    CONSTRAINT expenditures_amount_check CHECK (amount >= 0),
    CONSTRAINT expenditures_correction_check CHECK ((supersedes_id IS NULL) = (correction_reason IS NULL))
);
COMMENT ON TABLE expenditures IS 'Money spent on an edition by source and kind. A correction supersedes; a refund is a correction of what was spent.';
COMMENT ON COLUMN expenditures.document IS 'Number of the bookkeeping document.';
CREATE INDEX expenditures_edition_idx ON expenditures (tenant_id, edition_id, id);
SELECT protect_tenant_table('expenditures');
GRANT UPDATE (superseded_at) ON expenditures TO pai_service;
