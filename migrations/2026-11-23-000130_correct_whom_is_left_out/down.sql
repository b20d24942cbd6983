UPDATE messages c SET correlation_id = o.correlation_id FROM messages o WHERE o.tenant_id = c.tenant_id AND o.id = c.copy_of_id;
DROP INDEX messages_corrects_key;
CREATE UNIQUE INDEX messages_corrects_key ON messages (tenant_id, corrects_id) WHERE state <> 'discarded';
DELETE FROM message_proposals WHERE record_id IS NULL;
DROP INDEX message_proposals_left_out_key;
ALTER TABLE message_proposals
    DROP CONSTRAINT message_proposals_left_out_check,
    ALTER COLUMN record_id SET NOT NULL;
