-- Appeals against the result of a ranking, and the protocols that take the place of others upon them.
ALTER TABLE ranking_protocols
    ADD COLUMN replaces_id uuid,
    ADD CONSTRAINT ranking_protocols_replaces_fkey FOREIGN KEY (tenant_id, replaces_id) REFERENCES ranking_protocols (tenant_id, id),
    ADD CONSTRAINT ranking_protocols_replaces_key UNIQUE (tenant_id, replaces_id);
COMMENT ON COLUMN ranking_protocols.replaces_id IS 'The protocol in whose place this one was made upon an appeal; each is replaced once.';

CREATE TABLE ranking_appeals (
    tenant_id uuid NOT NULL DEFAULT app_tenant(),
    id uuid NOT NULL,
    protocol_id uuid NOT NULL,
    application_id uuid NOT NULL,
    lodged_on date NOT NULL,
    reason text NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT app_now(),
    recorded_by uuid NOT NULL DEFAULT app_client(),
    CONSTRAINT ranking_appeals_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT ranking_appeals_row_fkey FOREIGN KEY (tenant_id, protocol_id, application_id)
        REFERENCES ranking_rows (tenant_id, protocol_id, application_id),
    CONSTRAINT ranking_appeals_row_key UNIQUE (tenant_id, protocol_id, application_id)
);
COMMENT ON TABLE ranking_appeals IS 'Appeals of candidates against where they stand in an adopted ranking protocol. Append-only.';
SELECT protect_tenant_table('ranking_appeals');

CREATE TABLE ranking_appeal_decisions (
    tenant_id uuid NOT NULL DEFAULT app_tenant(),
    appeal_id uuid NOT NULL,
    outcome text NOT NULL,
    decided_on date NOT NULL,
    reason text NOT NULL,
    exceptions jsonb NOT NULL,
    points jsonb NOT NULL,
    found jsonb NOT NULL,
    new_protocol_id uuid,
    recorded_at timestamptz NOT NULL DEFAULT app_now(),
    recorded_by uuid NOT NULL DEFAULT app_client(),
    CONSTRAINT ranking_appeal_decisions_pkey PRIMARY KEY (tenant_id, appeal_id),
    CONSTRAINT ranking_appeal_decisions_appeal_fkey FOREIGN KEY (tenant_id, appeal_id) REFERENCES ranking_appeals (tenant_id, id),
    CONSTRAINT ranking_appeal_decisions_protocol_fkey FOREIGN KEY (tenant_id, new_protocol_id) REFERENCES ranking_protocols (tenant_id, id),
    CONSTRAINT ranking_appeal_decisions_protocol_key UNIQUE (tenant_id, new_protocol_id),
    CONSTRAINT ranking_appeal_decisions_outcome_check CHECK (outcome IN ('upheld', 'dismissed')),
    CONSTRAINT ranking_appeal_decisions_new_check CHECK ((outcome = 'upheld') = (new_protocol_id IS NOT NULL))
);
COMMENT ON TABLE ranking_appeal_decisions IS 'What was decided about appeals against rankings, and the protocol that an upheld one led to. Append-only.';
COMMENT ON COLUMN ranking_appeal_decisions.exceptions IS 'Conditions that are not asked of the candidate after all, each with its reason.';
COMMENT ON COLUMN ranking_appeal_decisions.points IS 'Points by manual criteria that the decision corrected, each with its reason.';
COMMENT ON COLUMN ranking_appeal_decisions.found IS 'Where the candidate stands when the same document is computed again, with these corrections.';
SELECT protect_tenant_table('ranking_appeal_decisions');
