-- How an edition chooses among its candidates.
ALTER TABLE editions ADD COLUMN selection text NOT NULL DEFAULT 'byWorkers',
    ADD CONSTRAINT editions_selection_check CHECK (selection IN ('byWorkers', 'byRanking'));
COMMENT ON COLUMN editions.selection IS 'Whether workers select candidates one by one, or a place needs a ranking protocol.';
GRANT UPDATE (selection) ON editions TO pai_service;

-- Applications: who referred the candidate, why one was taken outside the recruitment, why it was rejected.
ALTER TABLE applications
    ADD COLUMN referral_institution_id uuid, ADD COLUMN referred_on date, ADD COLUMN referral_number text,
    ADD COLUMN outside_recruitment boolean NOT NULL DEFAULT false, ADD COLUMN rejection_reason text,
    ADD CONSTRAINT applications_referral_fkey FOREIGN KEY (referral_institution_id) REFERENCES institutions (id),
    ADD CONSTRAINT applications_referral_check CHECK ((referral_institution_id IS NULL) = (referred_on IS NULL)
        AND (referral_institution_id IS NOT NULL OR referral_number IS NULL)),
    ADD CONSTRAINT applications_rejection_reason_check CHECK (rejection_reason IN
        ('notEligible', 'incompleteDocuments', 'tooFewPoints', 'noPlaces', 'late', 'other')),
    ADD CONSTRAINT applications_rejection_check CHECK (rejection_reason IS NULL OR (decision IS NOT NULL AND decision = 'rejected'));
COMMENT ON COLUMN applications.referral_institution_id IS 'The labour office that referred the candidate.';
COMMENT ON COLUMN applications.referral_number IS 'Number of the letter with which the labour office referred.';
COMMENT ON COLUMN applications.outside_recruitment IS 'Received outside the recruitment of the edition, as that stood at the entry.';
GRANT UPDATE (rejection_reason) ON applications TO pai_service;
CREATE INDEX applications_referral_idx ON applications (tenant_id, referral_institution_id, id) WHERE referral_institution_id IS NOT NULL;

-- The checklist of an application: what is asked for, and what has come.
CREATE TABLE application_documents (
    tenant_id uuid NOT NULL DEFAULT app_tenant(),
    id uuid NOT NULL,
    application_id uuid NOT NULL,
    kind text NOT NULL,
    label text,
    received_on date,
    note text,
    superseded_at timestamptz,
    recorded_at timestamptz NOT NULL DEFAULT app_now(),
    recorded_by uuid NOT NULL DEFAULT app_client(),
    CONSTRAINT application_documents_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT application_documents_application_fkey FOREIGN KEY (tenant_id, application_id) REFERENCES applications (tenant_id, id),
    CONSTRAINT application_documents_kind_check CHECK (kind IN
        ('applicationForm', 'clientSurvey', 'diagnosis', 'incomeStatement', 'disabilityCertificate', 'consentClauses', 'other')),
    CONSTRAINT application_documents_label_check CHECK ((kind = 'other') = (label IS NOT NULL))
);
COMMENT ON TABLE application_documents IS 'Documents that belong to an application; a later entry about the same document takes the place of the earlier one.';
COMMENT ON COLUMN application_documents.received_on IS 'Day of receipt; none while the document is still asked for.';
CREATE INDEX application_documents_application_idx ON application_documents (tenant_id, application_id, id);
CREATE UNIQUE INDEX application_documents_current_key ON application_documents (tenant_id, application_id, kind, coalesce(label, ''))
    WHERE superseded_at IS NULL;
SELECT protect_tenant_table('application_documents');
GRANT UPDATE (superseded_at) ON application_documents TO pai_service;

-- Scoring rules, version by version; a version never changes.
CREATE TABLE scoring_rules (
    tenant_id uuid NOT NULL DEFAULT app_tenant(),
    id uuid NOT NULL,
    edition_id uuid NOT NULL,
    version integer NOT NULL,
    legal_source text NOT NULL,
    content jsonb NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT app_now(),
    recorded_by uuid NOT NULL DEFAULT app_client(),
    CONSTRAINT scoring_rules_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT scoring_rules_edition_id_key UNIQUE (tenant_id, edition_id, id),
    CONSTRAINT scoring_rules_edition_fkey FOREIGN KEY (tenant_id, edition_id) REFERENCES editions (tenant_id, id),
    CONSTRAINT scoring_rules_version_key UNIQUE (tenant_id, edition_id, version),
    CONSTRAINT scoring_rules_version_check CHECK (version > 0)
);
COMMENT ON TABLE scoring_rules IS 'What gives points in an edition, and what decides between equal points. Append-only.';
SELECT protect_tenant_table('scoring_rules');

-- Points that a worker gives, with the reason.
CREATE TABLE manual_points (
    tenant_id uuid NOT NULL DEFAULT app_tenant(),
    id uuid NOT NULL,
    application_id uuid NOT NULL,
    criterion text NOT NULL,
    points integer NOT NULL,
    reason text NOT NULL,
    given_on date NOT NULL,
    superseded_at timestamptz,
    recorded_at timestamptz NOT NULL DEFAULT app_now(),
    recorded_by uuid NOT NULL DEFAULT app_client(),
    CONSTRAINT manual_points_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT manual_points_application_fkey FOREIGN KEY (tenant_id, application_id) REFERENCES applications (tenant_id, id),
    CONSTRAINT manual_points_points_check CHECK (points >= 0 AND points % 50 = 0)
);
COMMENT ON TABLE manual_points IS 'Points that no fact decides; a later entry about the same criterion takes the place of the earlier one.';
COMMENT ON COLUMN manual_points.points IS 'Hundredths of a point.';
CREATE INDEX manual_points_application_idx ON manual_points (tenant_id, application_id, id);
CREATE UNIQUE INDEX manual_points_current_key ON manual_points (tenant_id, application_id, criterion) WHERE superseded_at IS NULL;
SELECT protect_tenant_table('manual_points');
GRANT UPDATE (superseded_at) ON manual_points TO pai_service;

-- Ranking protocols: what was ranked by which rules, and how it came out. Never changed.
CREATE TABLE ranking_protocols (
    tenant_id uuid NOT NULL DEFAULT app_tenant(),
    id uuid NOT NULL,
    edition_id uuid NOT NULL,
    number integer NOT NULL,
    effective_on date NOT NULL,
    rules_id uuid NOT NULL,
    places integer NOT NULL,
    reserve_places integer,
    reopening_reason text,
    inputs jsonb NOT NULL,
    inputs_sha256 text NOT NULL,
    rows_sha256 text NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT app_now(),
    recorded_by uuid NOT NULL DEFAULT app_client(),
    CONSTRAINT ranking_protocols_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT ranking_protocols_edition_fkey FOREIGN KEY (tenant_id, edition_id) REFERENCES editions (tenant_id, id),
    CONSTRAINT ranking_protocols_rules_fkey FOREIGN KEY (tenant_id, edition_id, rules_id)
        REFERENCES scoring_rules (tenant_id, edition_id, id),
    CONSTRAINT ranking_protocols_number_key UNIQUE (tenant_id, edition_id, number),
    CONSTRAINT ranking_protocols_number_check CHECK (number > 0),
    CONSTRAINT ranking_protocols_places_check CHECK (places >= 0 AND reserve_places >= 0),
    CONSTRAINT ranking_protocols_sha256_check CHECK (inputs_sha256 ~ '^[0-9a-f]{64}$' AND rows_sha256 ~ '^[0-9a-f]{64}$')
);
COMMENT ON TABLE ranking_protocols IS 'Numbered rankings of the open applications of an edition, with everything they were made of. Append-only.';
COMMENT ON COLUMN ranking_protocols.inputs IS 'Rules, conditions and the facts used of every candidate; enough to compute the rows again.';
COMMENT ON COLUMN ranking_protocols.reopening_reason IS 'Why applications that were decided are ranked again.';
SELECT protect_tenant_table('ranking_protocols');

CREATE TABLE ranking_rows (
    tenant_id uuid NOT NULL DEFAULT app_tenant(),
    id uuid NOT NULL,
    protocol_id uuid NOT NULL,
    application_id uuid NOT NULL,
    list text NOT NULL,
    rank integer,
    points integer NOT NULL,
    rejection_reason text,
    application_version integer NOT NULL,
    explanation jsonb NOT NULL,
    CONSTRAINT ranking_rows_pkey PRIMARY KEY (tenant_id, protocol_id, application_id),
    CONSTRAINT ranking_rows_protocol_fkey FOREIGN KEY (tenant_id, protocol_id) REFERENCES ranking_protocols (tenant_id, id),
    CONSTRAINT ranking_rows_application_fkey FOREIGN KEY (tenant_id, application_id) REFERENCES applications (tenant_id, id),
    CONSTRAINT ranking_rows_rank_key UNIQUE (tenant_id, protocol_id, rank),
    CONSTRAINT ranking_rows_list_check CHECK (list IN ('basic', 'reserve', 'rejected', 'undetermined')),
    CONSTRAINT ranking_rows_rank_check CHECK (rank > 0 AND (rank IS NOT NULL OR list IN ('rejected', 'undetermined'))),
    CONSTRAINT ranking_rows_rejection_check CHECK ((list = 'rejected') = (rejection_reason IS NOT NULL)),
    CONSTRAINT ranking_rows_rejection_reason_check CHECK (rejection_reason IN
        ('notEligible', 'incompleteDocuments', 'tooFewPoints', 'noPlaces', 'late', 'other'))
);
COMMENT ON TABLE ranking_rows IS 'The rows of a ranking protocol; their ids are in the order of the list.';
COMMENT ON COLUMN ranking_rows.points IS 'Hundredths of a point.';
COMMENT ON COLUMN ranking_rows.application_version IS 'Version of the application when it was ranked; an adoption asks that nothing has happened since.';
CREATE UNIQUE INDEX ranking_rows_id_key ON ranking_rows (tenant_id, protocol_id, id);
SELECT protect_tenant_table('ranking_rows');

CREATE TABLE ranking_adoptions (
    tenant_id uuid NOT NULL DEFAULT app_tenant(),
    protocol_id uuid NOT NULL,
    adopted_on date NOT NULL,
    commission_members integer NOT NULL,
    reason text NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT app_now(),
    recorded_by uuid NOT NULL DEFAULT app_client(),
    CONSTRAINT ranking_adoptions_pkey PRIMARY KEY (tenant_id, protocol_id),
    CONSTRAINT ranking_adoptions_protocol_fkey FOREIGN KEY (tenant_id, protocol_id) REFERENCES ranking_protocols (tenant_id, id),
    CONSTRAINT ranking_adoptions_members_check CHECK (commission_members BETWEEN 1 AND 100)
);
COMMENT ON TABLE ranking_adoptions IS 'Which protocols a commission adopted, and so turned into decisions. Append-only.';
SELECT protect_tenant_table('ranking_adoptions');

-- Steps of an application: documents, assessments and rankings are steps too, and a decision may rest on a protocol.
ALTER TABLE application_events
    ADD COLUMN ranking_protocol_id uuid, ADD COLUMN rejection_reason text, ADD COLUMN override_reason text,
    DROP CONSTRAINT application_events_kind_check,
    ADD CONSTRAINT application_events_kind_check CHECK (kind IN
        ('applied', 'documents', 'assessed', 'ranked', 'selected', 'reserve', 'rejected', 'withdrawn')),
    DROP CONSTRAINT application_events_basis_check,
    ADD CONSTRAINT application_events_basis_check CHECK (basis IN ('attested', 'assessed', 'ranked')),
    DROP CONSTRAINT application_events_assessment_check,
    ADD CONSTRAINT application_events_assessment_check CHECK
        ((assessment_id IS NOT NULL) = (kind = 'assessed' OR (basis IS NOT NULL AND basis = 'assessed'))),
    ADD CONSTRAINT application_events_ranking_check CHECK
        (ranking_protocol_id IS NOT NULL OR NOT (kind = 'ranked' OR (basis IS NOT NULL AND basis = 'ranked'))),
    ADD CONSTRAINT application_events_rejection_reason_check CHECK (rejection_reason IN
        ('notEligible', 'incompleteDocuments', 'tooFewPoints', 'noPlaces', 'late', 'other')),
    ADD CONSTRAINT application_events_rejection_check CHECK (rejection_reason IS NULL OR kind = 'rejected'),
    ADD CONSTRAINT application_events_ranking_fkey FOREIGN KEY (tenant_id, ranking_protocol_id, application_id)
        REFERENCES ranking_rows (tenant_id, protocol_id, application_id);
COMMENT ON COLUMN application_events.ranking_protocol_id IS 'The ranking protocol in which the application stands.';
