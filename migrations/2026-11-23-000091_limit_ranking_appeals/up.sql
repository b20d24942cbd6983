-- Until when a ranking may be appealed against: days stated with the scoring rules, running from the announcement of the result.
ALTER TABLE scoring_rules
    ADD COLUMN appeal_days integer,
    ADD CONSTRAINT scoring_rules_appeal_days_check CHECK (appeal_days BETWEEN 1 AND 366);
COMMENT ON COLUMN scoring_rules.appeal_days IS 'Days after the announcement of a result within which it may be appealed against; null sets no deadline.';

CREATE TABLE ranking_announcements (
    tenant_id uuid NOT NULL DEFAULT app_tenant(),
    id uuid NOT NULL,
    protocol_id uuid NOT NULL,
    announced_on date NOT NULL,
    appeals_until date,
    correction_reason text,
    recorded_at timestamptz NOT NULL DEFAULT app_now(),
    recorded_by uuid NOT NULL DEFAULT app_client(),
    CONSTRAINT ranking_announcements_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT ranking_announcements_protocol_fkey FOREIGN KEY (tenant_id, protocol_id) REFERENCES ranking_protocols (tenant_id, id),
    CONSTRAINT ranking_announcements_until_check CHECK (appeals_until > announced_on)
);
COMMENT ON TABLE ranking_announcements IS 'When the result of an adopted protocol was made known; the last one recorded holds. Append-only.';
COMMENT ON COLUMN ranking_announcements.appeals_until IS 'Last day for appeals, as the rules of the protocol and the calendar gave it when it was recorded; null where there is no deadline.';
COMMENT ON COLUMN ranking_announcements.correction_reason IS 'Why the day recorded before was wrong, or the result was announced again.';
SELECT protect_tenant_table('ranking_announcements');
CREATE INDEX ranking_announcements_protocol_idx ON ranking_announcements (tenant_id, protocol_id, id);

ALTER TABLE ranking_appeals ADD COLUMN restoration_reason text;
COMMENT ON COLUMN ranking_appeals.restoration_reason IS 'Why the deadline was restored for an appeal that came after it; null for one in time.';
