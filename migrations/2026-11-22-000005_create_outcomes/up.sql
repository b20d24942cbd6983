CREATE TABLE sheet_templates (
    tenant_id uuid NOT NULL DEFAULT app_tenant(),
    id uuid NOT NULL,
    code text NOT NULL,
    version integer NOT NULL,
    name text NOT NULL,
    scale jsonb NOT NULL,
    competences jsonb NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT app_now(),
    recorded_by uuid NOT NULL DEFAULT app_client(),
    CONSTRAINT sheet_templates_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT sheet_templates_tenant_fkey FOREIGN KEY (tenant_id) REFERENCES institutions (id),
    CONSTRAINT sheet_templates_code_key UNIQUE (tenant_id, code, version),
    CONSTRAINT sheet_templates_version_check CHECK (version > 0)
);
COMMENT ON TABLE sheet_templates IS 'Versioned, immutable templates of self-assessment and observation sheets: competences, items and scale.';
SELECT protect_tenant_table('sheet_templates');

CREATE TABLE sheets (
    tenant_id uuid NOT NULL DEFAULT app_tenant(),
    id uuid NOT NULL,
    edition_id uuid NOT NULL,
    participation_id uuid NOT NULL,
    template_id uuid NOT NULL,
    rater text NOT NULL,
    observer_role text,
    moment text NOT NULL,
    filled_on date NOT NULL,
    scores jsonb NOT NULL,
    remarks bytea,
    supersedes_id uuid,
    superseded_at timestamptz,
    correction_reason text,
    recorded_at timestamptz NOT NULL DEFAULT app_now(),
    recorded_by uuid NOT NULL DEFAULT app_client(),
    CONSTRAINT sheets_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT sheets_participation_fkey FOREIGN KEY (tenant_id, edition_id, participation_id) REFERENCES participations (tenant_id, edition_id, id),
    CONSTRAINT sheets_template_fkey FOREIGN KEY (tenant_id, template_id) REFERENCES sheet_templates (tenant_id, id),
    CONSTRAINT sheets_supersedes_fkey FOREIGN KEY (tenant_id, supersedes_id) REFERENCES sheets (tenant_id, id),
    CONSTRAINT sheets_supersedes_key UNIQUE (tenant_id, supersedes_id),
    CONSTRAINT sheets_rater_check CHECK (rater IN ('self', 'observer') AND (rater = 'observer') = (observer_role IS NOT NULL)),
    CONSTRAINT sheets_observer_role_check CHECK (observer_role IN ('social_worker', 'family_assistant', 'facilitator')),
    CONSTRAINT sheets_moment_check CHECK (moment IN ('before', 'mid', 'after', 'followUp')),
    CONSTRAINT sheets_correction_check CHECK ((supersedes_id IS NULL) = (correction_reason IS NULL))
);
COMMENT ON TABLE sheets IS 'Filled self-assessment and observation sheets; a correction supersedes.';
CREATE UNIQUE INDEX sheets_current_key ON sheets (tenant_id, participation_id, template_id, rater, COALESCE(observer_role, ''), moment)
    WHERE superseded_at IS NULL AND moment IN ('before', 'after');
CREATE INDEX sheets_edition_idx ON sheets (tenant_id, edition_id, id);
SELECT protect_tenant_table('sheets');
GRANT UPDATE (superseded_at) ON sheets TO pai_service;

CREATE TABLE employment_spells (
    tenant_id uuid NOT NULL DEFAULT app_tenant(),
    id uuid NOT NULL,
    person_id uuid NOT NULL,
    starts_on date NOT NULL,
    starts_precision text NOT NULL,
    ends_on date,
    kind text NOT NULL,
    employer_class text,
    source text NOT NULL,
    evidence text,
    verified_on date,
    supersedes_id uuid,
    superseded_at timestamptz,
    correction_reason text,
    recorded_at timestamptz NOT NULL DEFAULT app_now(),
    recorded_by uuid NOT NULL DEFAULT app_client(),
    CONSTRAINT employment_spells_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT employment_spells_person_fkey FOREIGN KEY (tenant_id, person_id) REFERENCES people (tenant_id, id),
    CONSTRAINT employment_spells_supersedes_fkey FOREIGN KEY (tenant_id, supersedes_id) REFERENCES employment_spells (tenant_id, id),
    CONSTRAINT employment_spells_supersedes_key UNIQUE (tenant_id, supersedes_id),
    CONSTRAINT employment_spells_period_check CHECK (ends_on >= starts_on),
    CONSTRAINT employment_spells_precision_check CHECK (starts_precision IN ('day', 'month', 'year', 'derived')),
    CONSTRAINT employment_spells_kind_check CHECK (kind IN
        ('employmentContract', 'civilLawContract', 'selfEmployment', 'subsidised', 'supportedEmployment', 'socialCooperative', 'farming', 'unknown', 'other')),
    CONSTRAINT employment_spells_employer_check CHECK (employer_class IN ('micro', 'small', 'medium', 'large', 'public', 'nonGovernmental', 'unknown')),
    CONSTRAINT employment_spells_source_check CHECK (source IN ('participant', 'labourOffice', 'employer', 'socialWorker', 'register', 'publication')),
    CONSTRAINT employment_spells_correction_check CHECK ((supersedes_id IS NULL) = (correction_reason IS NULL))
);
COMMENT ON TABLE employment_spells IS 'Jobs of a person. The phase (at recruitment, during, after) is computed from dates, never typed in.';
CREATE INDEX employment_spells_person_idx ON employment_spells (tenant_id, person_id, id);
SELECT protect_tenant_table('employment_spells');
GRANT UPDATE (superseded_at) ON employment_spells TO pai_service;

CREATE TABLE employment_checks (
    tenant_id uuid NOT NULL DEFAULT app_tenant(),
    id uuid NOT NULL,
    edition_id uuid NOT NULL,
    participation_id uuid NOT NULL,
    time_window text NOT NULL,
    result text NOT NULL,
    checked_on date NOT NULL,
    source text NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT app_now(),
    recorded_by uuid NOT NULL DEFAULT app_client(),
    CONSTRAINT employment_checks_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT employment_checks_participation_fkey FOREIGN KEY (tenant_id, edition_id, participation_id) REFERENCES participations (tenant_id, edition_id, id),
    CONSTRAINT employment_checks_window_check CHECK (time_window IN ('during', 'within4Weeks', 'within3Months', 'within6Months')),
    CONSTRAINT employment_checks_result_check CHECK (result IN ('employed', 'notEmployed', 'unknown')),
    CONSTRAINT employment_checks_source_check CHECK (source IN ('participant', 'labourOffice', 'employer', 'socialWorker', 'register', 'publication'))
);
COMMENT ON TABLE employment_checks IS 'Follow-up answers on whether somebody works; "unknown" is an answer of its own. The newest check of a window counts.';
CREATE INDEX employment_checks_edition_idx ON employment_checks (tenant_id, edition_id, id);
SELECT protect_tenant_table('employment_checks');

CREATE TABLE declarations (
    tenant_id uuid NOT NULL DEFAULT app_tenant(),
    id uuid NOT NULL,
    edition_id uuid NOT NULL,
    participation_id uuid NOT NULL,
    kind text NOT NULL,
    declared_on date NOT NULL,
    declared_precision text NOT NULL,
    note text,
    superseded_at timestamptz,
    supersedes_id uuid,
    recorded_at timestamptz NOT NULL DEFAULT app_now(),
    recorded_by uuid NOT NULL DEFAULT app_client(),
    CONSTRAINT declarations_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT declarations_participation_fkey FOREIGN KEY (tenant_id, edition_id, participation_id) REFERENCES participations (tenant_id, edition_id, id),
    CONSTRAINT declarations_supersedes_fkey FOREIGN KEY (tenant_id, supersedes_id) REFERENCES declarations (tenant_id, id),
    CONSTRAINT declarations_supersedes_key UNIQUE (tenant_id, supersedes_id),
    CONSTRAINT declarations_precision_check CHECK (declared_precision IN ('day', 'month', 'year', 'derived')),
    CONSTRAINT declarations_kind_check CHECK (kind IN ('psuAfter', 'jobSearch', 'training', 'nextEdition', 'integrationClub', 'other'))
);
COMMENT ON TABLE declarations IS 'What participants say they want to do next, such as going on with socially useful work.';
CREATE UNIQUE INDEX declarations_current_key ON declarations (tenant_id, participation_id, kind) WHERE superseded_at IS NULL;
CREATE INDEX declarations_edition_idx ON declarations (tenant_id, edition_id, id);
SELECT protect_tenant_table('declarations');
GRANT UPDATE (superseded_at) ON declarations TO pai_service;

CREATE TABLE post_decisions (
    tenant_id uuid NOT NULL DEFAULT app_tenant(),
    id uuid NOT NULL,
    edition_id uuid NOT NULL,
    participation_id uuid NOT NULL,
    kind text NOT NULL,
    decided_on date NOT NULL,
    note text,
    superseded_at timestamptz,
    supersedes_id uuid,
    recorded_at timestamptz NOT NULL DEFAULT app_now(),
    recorded_by uuid NOT NULL DEFAULT app_client(),
    CONSTRAINT post_decisions_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT post_decisions_participation_fkey FOREIGN KEY (tenant_id, edition_id, participation_id) REFERENCES participations (tenant_id, edition_id, id),
    CONSTRAINT post_decisions_supersedes_fkey FOREIGN KEY (tenant_id, supersedes_id) REFERENCES post_decisions (tenant_id, id),
    CONSTRAINT post_decisions_supersedes_key UNIQUE (tenant_id, supersedes_id),
    CONSTRAINT post_decisions_kind_check CHECK (kind IN ('repeat', 'supportedEmployment', 'socialCooperative', 'reprofileIpd', 'other', 'none'))
);
COMMENT ON TABLE post_decisions IS 'What the labour office decided after the programme (art. 62b(2) of the Act of 20 April 2004).';
CREATE UNIQUE INDEX post_decisions_current_key ON post_decisions (tenant_id, participation_id) WHERE superseded_at IS NULL;
CREATE INDEX post_decisions_edition_idx ON post_decisions (tenant_id, edition_id, id);
SELECT protect_tenant_table('post_decisions');
GRANT UPDATE (superseded_at) ON post_decisions TO pai_service;
