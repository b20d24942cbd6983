-- A correction also speaks of whom it names no more, drafts of corrections keep nobody from correcting, and a copy belongs to
-- the matter of its own receiver.

ALTER TABLE message_proposals
    ALTER COLUMN record_id DROP NOT NULL,
    ADD CONSTRAINT message_proposals_left_out_check CHECK (record_id IS NOT NULL OR (kind = 'takeBackEnd' AND participation_id IS NOT NULL));
COMMENT ON COLUMN message_proposals.record_id IS 'Record that it follows from; none where a correction names the person no more.';
CREATE UNIQUE INDEX message_proposals_left_out_key ON message_proposals (tenant_id, message_id, participation_id) WHERE record_id IS NULL;

DROP INDEX messages_corrects_key;
CREATE UNIQUE INDEX messages_corrects_key ON messages (tenant_id, corrects_id) WHERE sent_on IS NOT NULL;

-- Copies of before told their receiver the id of a message to somebody else.
UPDATE messages c
   SET correlation_id = coalesce((SELECT first.id FROM messages first
                                   WHERE first.tenant_id = c.tenant_id AND first.copy_of_id = c.correlation_id AND first.link_id = c.link_id), c.id)
 WHERE c.copy_of_id IS NOT NULL;
