-- What gave way to news that do not stand any more is proposed anew, and news of a day before somebody began to take part say so.

ALTER TABLE message_proposals
    ADD COLUMN before_start boolean NOT NULL DEFAULT false,
    DROP CONSTRAINT message_proposals_record_key;
COMMENT ON COLUMN message_proposals.before_start IS 'Whether the day lies before the first day of the participation: whoever confirms then names the last day.';
CREATE UNIQUE INDEX message_proposals_record_key ON message_proposals (tenant_id, record_id) WHERE state <> 'superseded';
DROP INDEX message_proposals_left_out_key;
CREATE UNIQUE INDEX message_proposals_left_out_key ON message_proposals (tenant_id, message_id, participation_id)
 WHERE record_id IS NULL AND state <> 'superseded';
