-- Regimes: the legal rules of a kind of programme as data. Rows of the nil
-- tenant are built in and readable by all; a town's own are its own.
CREATE TABLE regimes (
    tenant_id uuid NOT NULL DEFAULT app_tenant(),
    id uuid NOT NULL,
    code text NOT NULL,
    version integer NOT NULL,
    name_pl text NOT NULL,
    name_en text NOT NULL,
    legal_source text NOT NULL,
    valid_from_on date,
    valid_to_on date,
    parameters jsonb NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT app_now(),
    CONSTRAINT regimes_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT regimes_code_key UNIQUE (tenant_id, code, version),
    CONSTRAINT regimes_period_check CHECK (valid_to_on >= valid_from_on),
    CONSTRAINT regimes_version_check CHECK (version > 0)
);
COMMENT ON TABLE regimes IS 'Legal regimes: immutable, versioned, typed parameters of a kind of programme. The nil tenant holds the built-in ones.';
ALTER TABLE regimes ENABLE ROW LEVEL SECURITY;
ALTER TABLE regimes FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_boundary ON regimes
    USING (tenant_id = app_tenant() OR tenant_id = '00000000-0000-0000-0000-000000000000')
    WITH CHECK (tenant_id = app_tenant());
GRANT SELECT, INSERT ON regimes TO pai_service;

CREATE TABLE programmes (
    tenant_id uuid NOT NULL DEFAULT app_tenant(),
    id uuid NOT NULL,
    name text NOT NULL,
    kind text NOT NULL,
    goals text[] NOT NULL DEFAULT '{}',
    description text,
    source_text text,
    row_version integer NOT NULL DEFAULT 1,
    recorded_at timestamptz NOT NULL DEFAULT app_now(),
    recorded_by uuid NOT NULL DEFAULT app_client(),
    CONSTRAINT programmes_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT programmes_tenant_fkey FOREIGN KEY (tenant_id) REFERENCES institutions (id),
    CONSTRAINT programmes_kind_check CHECK (kind IN ('pai', 'esfProject', 'other'))
);
COMMENT ON TABLE programmes IS 'Programmes and projects; what is run at a time is an edition.';
SELECT protect_tenant_table('programmes');
GRANT UPDATE (name, kind, goals, description, source_text, row_version) ON programmes TO pai_service;

CREATE TABLE agreements (
    tenant_id uuid NOT NULL DEFAULT app_tenant(),
    id uuid NOT NULL,
    kind text NOT NULL,
    number text,
    signed_on date NOT NULL,
    signed_precision text NOT NULL,
    regime_tenant_id uuid NOT NULL,
    regime_id uuid NOT NULL,
    institution_id uuid,
    partner_id uuid,
    selection_criteria text,
    people_count integer,
    integration_activities text,
    period_from_on date,
    period_to_on date,
    expected_effects jsonb NOT NULL DEFAULT '[]',
    financing jsonb NOT NULL DEFAULT '[]',
    control_and_monitoring text,
    refund_percent numeric(5,2),
    refund_percent_carers numeric(5,2),
    hourly_benefit numeric(12,2),
    total_minutes integer,
    monthly_cap_minutes integer,
    information_duties text,
    row_version integer NOT NULL DEFAULT 1,
    recorded_at timestamptz NOT NULL DEFAULT app_now(),
    recorded_by uuid NOT NULL DEFAULT app_client(),
    CONSTRAINT agreements_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT agreements_tenant_fkey FOREIGN KEY (tenant_id) REFERENCES institutions (id),
    CONSTRAINT agreements_regime_fkey FOREIGN KEY (regime_tenant_id, regime_id) REFERENCES regimes (tenant_id, id),
    CONSTRAINT agreements_regime_check CHECK (regime_tenant_id IN (tenant_id, '00000000-0000-0000-0000-000000000000')),
    CONSTRAINT agreements_institution_fkey FOREIGN KEY (institution_id) REFERENCES institutions (id),
    CONSTRAINT agreements_partner_fkey FOREIGN KEY (tenant_id, partner_id) REFERENCES partners (tenant_id, id),
    CONSTRAINT agreements_kind_check CHECK (kind IN ('implementation', 'commission', 'cooperation', 'psu', 'funding')),
    CONSTRAINT agreements_signed_precision_check CHECK (signed_precision IN ('day', 'month', 'year', 'derived')),
    CONSTRAINT agreements_people_count_check CHECK (people_count > 0),
    CONSTRAINT agreements_period_check CHECK (period_to_on >= period_from_on),
    CONSTRAINT agreements_refund_percent_check CHECK (refund_percent BETWEEN 0 AND 100 AND refund_percent_carers BETWEEN 0 AND 100),
    CONSTRAINT agreements_hourly_benefit_check CHECK (hourly_benefit >= 0),
    CONSTRAINT agreements_total_minutes_check CHECK (total_minutes > 0),
    CONSTRAINT agreements_monthly_cap_check CHECK (monthly_cap_minutes > 0)
);
COMMENT ON TABLE agreements IS 'Agreements (Polish: porozumienia) with the parts of art. 62a(7), (11), (12) of the Act of 20 April 2004 and section 3 of the regulation of 21 December 2017; the regime hangs on the date of signing.';
SELECT protect_tenant_table('agreements');
GRANT UPDATE (number, signed_on, signed_precision, institution_id, partner_id, selection_criteria, people_count, integration_activities, period_from_on, period_to_on,
    expected_effects, financing, control_and_monitoring, refund_percent, refund_percent_carers, hourly_benefit, total_minutes, monthly_cap_minutes, information_duties, row_version)
    ON agreements TO pai_service;

CREATE TABLE editions (
    tenant_id uuid NOT NULL DEFAULT app_tenant(),
    id uuid NOT NULL,
    programme_id uuid NOT NULL,
    agreement_id uuid NOT NULL,
    name text NOT NULL,
    starts_on date NOT NULL,
    starts_precision text NOT NULL,
    ends_on date NOT NULL,
    ends_precision text NOT NULL,
    planned_months integer,
    recruitment_from_on date,
    recruitment_to_on date,
    recruitment_precision text,
    completion_attendance_percent numeric(5,2),
    hosts_exhaustive boolean NOT NULL DEFAULT true,
    source_text text,
    interpreted boolean NOT NULL DEFAULT false,
    closed_on date,
    row_version integer NOT NULL DEFAULT 1,
    recorded_at timestamptz NOT NULL DEFAULT app_now(),
    recorded_by uuid NOT NULL DEFAULT app_client(),
    CONSTRAINT editions_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT editions_programme_fkey FOREIGN KEY (tenant_id, programme_id) REFERENCES programmes (tenant_id, id),
    CONSTRAINT editions_agreement_fkey FOREIGN KEY (tenant_id, agreement_id) REFERENCES agreements (tenant_id, id),
    CONSTRAINT editions_name_key UNIQUE (tenant_id, programme_id, name),
    CONSTRAINT editions_period_check CHECK (ends_on >= starts_on),
    CONSTRAINT editions_closed_check CHECK (closed_on >= starts_on),
    CONSTRAINT editions_precision_check CHECK (starts_precision IN ('day', 'month', 'year', 'derived')
        AND ends_precision IN ('day', 'month', 'year', 'derived') AND recruitment_precision IN ('day', 'month', 'year', 'derived')),
    CONSTRAINT editions_planned_months_check CHECK (planned_months BETWEEN 1 AND 120),
    CONSTRAINT editions_recruitment_check CHECK (recruitment_to_on >= recruitment_from_on),
    CONSTRAINT editions_completion_check CHECK (completion_attendance_percent BETWEEN 0 AND 100)
);
COMMENT ON TABLE editions IS 'One run of a programme with its own dates, places and people.';
COMMENT ON COLUMN editions.interpreted IS 'The dates are a reading of source_text, not its letter.';
SELECT protect_tenant_table('editions');
CREATE INDEX editions_programme_idx ON editions (tenant_id, programme_id, starts_on);
GRANT UPDATE (name, starts_on, starts_precision, ends_on, ends_precision, planned_months, recruitment_from_on, recruitment_to_on, recruitment_precision,
    completion_attendance_percent, hosts_exhaustive, source_text, interpreted, closed_on, row_version) ON editions TO pai_service;

CREATE TABLE plan_revisions (
    tenant_id uuid NOT NULL DEFAULT app_tenant(),
    id uuid NOT NULL,
    edition_id uuid NOT NULL,
    number integer NOT NULL,
    effective_on date NOT NULL,
    places integer NOT NULL,
    planned_cost numeric(12,2),
    reason text,
    recorded_at timestamptz NOT NULL DEFAULT app_now(),
    recorded_by uuid NOT NULL DEFAULT app_client(),
    CONSTRAINT plan_revisions_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT plan_revisions_edition_fkey FOREIGN KEY (tenant_id, edition_id) REFERENCES editions (tenant_id, id),
    CONSTRAINT plan_revisions_number_key UNIQUE (tenant_id, edition_id, number),
    CONSTRAINT plan_revisions_places_check CHECK (places >= 0),
    CONSTRAINT plan_revisions_planned_cost_check CHECK (planned_cost >= 0),
    CONSTRAINT plan_revisions_reason_check CHECK (number = 1 OR reason IS NOT NULL)
);
COMMENT ON TABLE plan_revisions IS 'Planned places and cost of an edition; a change is a new revision with its reason.';
SELECT protect_tenant_table('plan_revisions');

CREATE TABLE blocks (
    tenant_id uuid NOT NULL DEFAULT app_tenant(),
    id uuid NOT NULL,
    edition_id uuid NOT NULL,
    kind text NOT NULL,
    name text NOT NULL,
    provider_kind text,
    provider_partner_id uuid,
    form text,
    facilitator_professions text[] NOT NULL DEFAULT '{}',
    planned_minutes integer,
    weekly_minutes integer,
    themes text[] NOT NULL DEFAULT '{}',
    themes_exhaustive boolean NOT NULL DEFAULT true,
    venue text,
    description text,
    row_version integer NOT NULL DEFAULT 1,
    recorded_at timestamptz NOT NULL DEFAULT app_now(),
    recorded_by uuid NOT NULL DEFAULT app_client(),
    CONSTRAINT blocks_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT blocks_edition_fkey FOREIGN KEY (tenant_id, edition_id) REFERENCES editions (tenant_id, id),
    CONSTRAINT blocks_edition_id_key UNIQUE (tenant_id, edition_id, id),
    CONSTRAINT blocks_provider_fkey FOREIGN KEY (tenant_id, provider_partner_id) REFERENCES partners (tenant_id, id),
    CONSTRAINT blocks_name_key UNIQUE (tenant_id, edition_id, name),
    CONSTRAINT blocks_kind_check CHECK (kind IN ('activation', 'integration', 'vocational', 'educational', 'social', 'health', 'other')),
    CONSTRAINT blocks_provider_kind_check CHECK (provider_kind IN ('own', 'labourOffice', 'contractor', 'partner')),
    CONSTRAINT blocks_form_check CHECK (form IN ('group', 'individual', 'mixed')),
    CONSTRAINT blocks_planned_minutes_check CHECK (planned_minutes > 0),
    CONSTRAINT blocks_weekly_minutes_check CHECK (weekly_minutes > 0)
);
COMMENT ON TABLE blocks IS 'Parts of an edition: activation (socially useful work), integration (classes, counselling), and those of ESF projects.';
COMMENT ON COLUMN blocks.planned_minutes IS 'Planned hours of the whole edition for one participant, in minutes.';
SELECT protect_tenant_table('blocks');
GRANT UPDATE (name, provider_kind, provider_partner_id, form, facilitator_professions, planned_minutes, weekly_minutes, themes, themes_exhaustive, venue, description, row_version)
    ON blocks TO pai_service;

CREATE TABLE themes (
    tenant_id uuid NOT NULL DEFAULT app_tenant(),
    id uuid NOT NULL,
    name text NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT app_now(),
    recorded_by uuid NOT NULL DEFAULT app_client(),
    CONSTRAINT themes_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT themes_name_key UNIQUE (tenant_id, name),
    CONSTRAINT themes_tenant_fkey FOREIGN KEY (tenant_id) REFERENCES institutions (id)
);
COMMENT ON TABLE themes IS 'The tenant''s catalogue of themes of classes, shared by its editions.';
SELECT protect_tenant_table('themes');

CREATE TABLE edition_partners (
    tenant_id uuid NOT NULL DEFAULT app_tenant(),
    id uuid NOT NULL,
    edition_id uuid NOT NULL,
    partner_id uuid NOT NULL,
    role text NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT app_now(),
    recorded_by uuid NOT NULL DEFAULT app_client(),
    CONSTRAINT edition_partners_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT edition_partners_edition_fkey FOREIGN KEY (tenant_id, edition_id) REFERENCES editions (tenant_id, id),
    CONSTRAINT edition_partners_partner_fkey FOREIGN KEY (tenant_id, partner_id) REFERENCES partners (tenant_id, id),
    CONSTRAINT edition_partners_role_key UNIQUE (tenant_id, edition_id, partner_id, role),
    CONSTRAINT edition_partners_role_check CHECK (role IN ('referring', 'activation', 'integration', 'host', 'financing', 'monitoring', 'other'))
);
COMMENT ON TABLE edition_partners IS 'Which partner answers for what in an edition.';
SELECT protect_tenant_table('edition_partners');

CREATE TABLE edition_hosts (
    tenant_id uuid NOT NULL DEFAULT app_tenant(),
    edition_id uuid NOT NULL,
    host_id uuid NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT app_now(),
    recorded_by uuid NOT NULL DEFAULT app_client(),
    CONSTRAINT edition_hosts_pkey PRIMARY KEY (tenant_id, edition_id, host_id),
    CONSTRAINT edition_hosts_edition_fkey FOREIGN KEY (tenant_id, edition_id) REFERENCES editions (tenant_id, id),
    CONSTRAINT edition_hosts_host_fkey FOREIGN KEY (tenant_id, host_id) REFERENCES hosts (tenant_id, id)
);
COMMENT ON TABLE edition_hosts IS 'Hosts named for an edition; editions.hosts_exhaustive says whether the list is complete.';
SELECT protect_tenant_table('edition_hosts');
GRANT DELETE ON edition_hosts TO pai_service;

CREATE TABLE edition_events (
    tenant_id uuid NOT NULL DEFAULT app_tenant(),
    id uuid NOT NULL,
    edition_id uuid NOT NULL,
    kind text NOT NULL,
    occurred_on date NOT NULL,
    occurred_precision text NOT NULL,
    outcome text,
    author text,
    note text,
    recorded_at timestamptz NOT NULL DEFAULT app_now(),
    recorded_by uuid NOT NULL DEFAULT app_client(),
    CONSTRAINT edition_events_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT edition_events_edition_fkey FOREIGN KEY (tenant_id, edition_id) REFERENCES editions (tenant_id, id),
    CONSTRAINT edition_events_precision_check CHECK (occurred_precision IN ('day', 'month', 'year', 'derived')),
    CONSTRAINT edition_events_kind_check CHECK (kind IN
        ('planned', 'councilOpinion', 'recruitmentOpened', 'recruitmentClosed', 'listSent', 'started', 'monitoring', 'meeting', 'report', 'publication', 'followUpReferral', 'evaluation', 'cancelled', 'closed', 'other'))
);
COMMENT ON TABLE edition_events IS 'Milestones, monitoring and notes of an edition (art. 62a(3) and (7)(5)); append-only.';
SELECT protect_tenant_table('edition_events');
CREATE INDEX edition_events_edition_idx ON edition_events (tenant_id, edition_id, id);

CREATE TABLE collection_statements (
    tenant_id uuid NOT NULL DEFAULT app_tenant(),
    id uuid NOT NULL,
    edition_id uuid NOT NULL,
    kind text NOT NULL,
    completeness text NOT NULL,
    stated_by text NOT NULL,
    stated_on date NOT NULL,
    note text,
    superseded_at timestamptz,
    recorded_at timestamptz NOT NULL DEFAULT app_now(),
    recorded_by uuid NOT NULL DEFAULT app_client(),
    CONSTRAINT collection_statements_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT collection_statements_edition_fkey FOREIGN KEY (tenant_id, edition_id) REFERENCES editions (tenant_id, id),
    CONSTRAINT collection_statements_kind_check CHECK (kind IN
        ('applications', 'participations', 'attendance', 'psuHours', 'sheets', 'employment', 'declarations', 'decisions', 'money', 'households')),
    CONSTRAINT collection_statements_completeness_check CHECK (completeness IN ('notCollected', 'partial', 'complete'))
);
CREATE UNIQUE INDEX collection_statements_current_key ON collection_statements (tenant_id, edition_id, kind) WHERE superseded_at IS NULL;
COMMENT ON TABLE collection_statements IS 'Who says how completely a kind of fact was collected for an edition; decides between zero and unknown.';
SELECT protect_tenant_table('collection_statements');
GRANT UPDATE (superseded_at) ON collection_statements TO pai_service;
