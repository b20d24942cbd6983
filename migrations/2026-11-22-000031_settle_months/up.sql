-- Monthly settlements of socially useful work: drafts, approved ones that never change, and corrections as differences.

CREATE TABLE settlements (
    tenant_id uuid NOT NULL DEFAULT app_tenant(),
    id uuid NOT NULL,
    agreement_id uuid NOT NULL,
    edition_id uuid,
    month_on date NOT NULL,
    number integer NOT NULL,
    corrects_id uuid,
    correction_reason text,
    state text NOT NULL,
    people_count integer NOT NULL,
    line_count integer NOT NULL,
    minutes integer NOT NULL,
    benefit numeric(12,2) NOT NULL,
    refund numeric(12,2) NOT NULL,
    municipal_share numeric(12,2) NOT NULL,
    approved_on date,
    document bytea,
    document_sha256 text,
    withdrawal_reason text,
    row_version integer NOT NULL DEFAULT 1,
    recorded_at timestamptz NOT NULL DEFAULT app_now(),
    recorded_by uuid NOT NULL DEFAULT app_client(),
    CONSTRAINT settlements_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT settlements_agreement_fkey FOREIGN KEY (tenant_id, agreement_id) REFERENCES agreements (tenant_id, id),
    CONSTRAINT settlements_edition_fkey FOREIGN KEY (tenant_id, edition_id) REFERENCES editions (tenant_id, id),
    CONSTRAINT settlements_corrects_fkey FOREIGN KEY (tenant_id, corrects_id) REFERENCES settlements (tenant_id, id),
    CONSTRAINT settlements_month_check CHECK (EXTRACT(day FROM month_on) = 1),
    CONSTRAINT settlements_state_check CHECK (state IN ('draft', 'approved', 'withdrawn')),
    CONSTRAINT settlements_number_check CHECK (number > 0 AND (number = 1) = (corrects_id IS NULL)),
    CONSTRAINT settlements_correction_check CHECK ((corrects_id IS NULL) = (correction_reason IS NULL)),
    CONSTRAINT settlements_counts_check CHECK (people_count >= 0 AND line_count >= 0 AND minutes % 15 = 0),
    CONSTRAINT settlements_share_check CHECK (municipal_share = benefit - refund),
    CONSTRAINT settlements_approval_check CHECK ((state = 'approved') = (approved_on IS NOT NULL)
        AND (state = 'approved') = (document IS NOT NULL) AND (document IS NULL) = (document_sha256 IS NULL)),
    CONSTRAINT settlements_withdrawal_check CHECK ((state = 'withdrawn') = (withdrawal_reason IS NOT NULL))
);
COMMENT ON TABLE settlements IS 'Settlements of socially useful work of a calendar month under an agreement, or of one of its editions: benefits, refund of the labour office (art. 73a(5) of the Act of 20 April 2004) and share of the municipality. An approved one never changes; what differs afterwards is a correction of its own.';
COMMENT ON COLUMN settlements.number IS 'Number among the settlement and its corrections: the settlement itself is 1.';
COMMENT ON COLUMN settlements.document IS 'The settlement with its lines as it was approved, byte by byte; ids only.';
SELECT protect_tenant_table('settlements');
CREATE INDEX settlements_agreement_idx ON settlements (tenant_id, agreement_id, month_on);
-- The nil id stands for all editions; a whole agreement and one of its editions are kept apart under the lock of the agreement.
CREATE UNIQUE INDEX settlements_scope_key
    ON settlements (tenant_id, agreement_id, month_on, coalesce(edition_id, '00000000-0000-0000-0000-000000000000'))
    WHERE corrects_id IS NULL AND state <> 'withdrawn';
CREATE UNIQUE INDEX settlements_draft_key ON settlements (tenant_id, corrects_id) WHERE corrects_id IS NOT NULL AND state = 'draft';
GRANT UPDATE (state, approved_on, document, document_sha256, withdrawal_reason, row_version) ON settlements TO pai_service;

CREATE FUNCTION refuse_change_of_settled() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'a settlement that is no draft never changes';
END $$;
CREATE TRIGGER settlements_never_change BEFORE UPDATE ON settlements FOR EACH ROW
    WHEN (OLD.state <> 'draft') EXECUTE FUNCTION refuse_change_of_settled();

CREATE TABLE settlement_lines (
    tenant_id uuid NOT NULL DEFAULT app_tenant(),
    id uuid NOT NULL,
    settlement_id uuid NOT NULL,
    number integer NOT NULL,
    person_id uuid NOT NULL,
    from_on date NOT NULL,
    to_on date NOT NULL,
    kind_of_work text,
    for_carers boolean NOT NULL,
    minutes integer NOT NULL,
    hourly_rate numeric(12,2) NOT NULL,
    minimum_rate numeric(12,2) NOT NULL,
    refund_percent numeric(5,2) NOT NULL,
    benefit numeric(12,2) NOT NULL,
    refund numeric(12,2) NOT NULL,
    municipal_share numeric(12,2) NOT NULL,
    entry_ids uuid[] NOT NULL,
    entry_minutes integer[] NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT app_now(),
    CONSTRAINT settlement_lines_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT settlement_lines_settlement_fkey FOREIGN KEY (tenant_id, settlement_id) REFERENCES settlements (tenant_id, id),
    CONSTRAINT settlement_lines_person_fkey FOREIGN KEY (tenant_id, person_id) REFERENCES people (tenant_id, id),
    CONSTRAINT settlement_lines_number_key UNIQUE (tenant_id, settlement_id, number),
    CONSTRAINT settlement_lines_period_check CHECK (to_on >= from_on),
    CONSTRAINT settlement_lines_rates_check CHECK (hourly_rate >= minimum_rate AND minimum_rate > 0),
    CONSTRAINT settlement_lines_refund_percent_check CHECK (refund_percent BETWEEN 0 AND 100),
    CONSTRAINT settlement_lines_share_check CHECK (municipal_share = benefit - refund),
    CONSTRAINT settlement_lines_minutes_check CHECK (minutes % 15 = 0),
    CONSTRAINT settlement_lines_entries_check CHECK (cardinality(entry_ids) = cardinality(entry_minutes) AND cardinality(entry_ids) > 0)
);
COMMENT ON TABLE settlement_lines IS 'A person''s hours of a month at one rate, with benefit, refund and share of the municipality, each rounded half-up. In a correction all of them are differences.';
COMMENT ON COLUMN settlement_lines.entry_ids IS 'Entries of the register that the line is the sum of; in a correction those that came, went or changed.';
COMMENT ON COLUMN settlement_lines.entry_minutes IS 'Minutes of each of those entries, in the same order; below zero for one that no longer counts.';
SELECT protect_tenant_table('settlement_lines');
CREATE INDEX settlement_lines_settlement_idx ON settlement_lines (tenant_id, settlement_id, id);
CREATE INDEX settlement_lines_person_idx ON settlement_lines (tenant_id, person_id, id);
