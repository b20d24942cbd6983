-- Calendars that other programs subscribe to (RFC 5545), each by an address that nobody can guess.
CREATE TABLE calendar_feeds (
    tenant_id uuid NOT NULL DEFAULT app_tenant(),
    id uuid NOT NULL,
    kind text NOT NULL,
    group_id uuid,
    facilitator text,
    participation_id uuid,
    token_hash bytea NOT NULL,
    revoked_at timestamptz,
    revocation_reason text,
    recorded_at timestamptz NOT NULL DEFAULT app_now(),
    recorded_by uuid NOT NULL DEFAULT app_client(),
    CONSTRAINT calendar_feeds_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT calendar_feeds_group_fkey FOREIGN KEY (tenant_id, group_id) REFERENCES edition_groups (tenant_id, id),
    CONSTRAINT calendar_feeds_participation_fkey FOREIGN KEY (tenant_id, participation_id) REFERENCES participations (tenant_id, id),
    CONSTRAINT calendar_feeds_token_key UNIQUE (tenant_id, token_hash),
    CONSTRAINT calendar_feeds_kind_check CHECK (kind IN ('group', 'facilitator', 'participation')),
    CONSTRAINT calendar_feeds_subject_check CHECK ((kind = 'group') = (group_id IS NOT NULL)
        AND (kind = 'facilitator') = (facilitator IS NOT NULL) AND (kind = 'participation') = (participation_id IS NOT NULL)),
    CONSTRAINT calendar_feeds_revocation_check CHECK ((revoked_at IS NULL) = (revocation_reason IS NULL))
);
COMMENT ON TABLE calendar_feeds IS 'Calendars of a group, a leader or a participant, for programs that read iCalendar. Whoever knows the address reads; it can be revoked and never be shown again.';
COMMENT ON COLUMN calendar_feeds.token_hash IS 'Hash of the secret part of the address; the secret itself is not kept.';
SELECT protect_tenant_table('calendar_feeds');
GRANT UPDATE (revoked_at, revocation_reason) ON calendar_feeds TO pai_service;
