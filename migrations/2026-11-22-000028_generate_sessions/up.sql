-- Sessions made from a weekly pattern, and what became of each of its days.
CREATE TABLE session_patterns (
    tenant_id uuid NOT NULL DEFAULT app_tenant(),
    id uuid NOT NULL,
    edition_id uuid NOT NULL,
    block_id uuid NOT NULL,
    terms jsonb NOT NULL,
    outcome jsonb NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT app_now(),
    recorded_by uuid NOT NULL DEFAULT app_client(),
    CONSTRAINT session_patterns_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT session_patterns_block_fkey FOREIGN KEY (tenant_id, edition_id, block_id) REFERENCES blocks (tenant_id, edition_id, id)
);
COMMENT ON TABLE session_patterns IS 'Weekly patterns from which sessions were made, all at once. Append-only: what the sessions are now stands with them.';
COMMENT ON COLUMN session_patterns.terms IS 'Weekdays, times, themes and what to do on public holidays, as asked.';
COMMENT ON COLUMN session_patterns.outcome IS 'Each day of the pattern: held, moved or dropped, and the sums of hours.';
CREATE INDEX session_patterns_edition_idx ON session_patterns (tenant_id, edition_id, id);
SELECT protect_tenant_table('session_patterns');

ALTER TABLE sessions
    ADD COLUMN pattern_id uuid,
    ADD CONSTRAINT sessions_pattern_fkey FOREIGN KEY (tenant_id, pattern_id) REFERENCES session_patterns (tenant_id, id);
COMMENT ON COLUMN sessions.pattern_id IS 'The weekly pattern that it was made from.';
