DELETE FROM message_proposals p
 WHERE p.state = 'superseded'
   AND EXISTS (SELECT FROM message_proposals q
                WHERE q.tenant_id = p.tenant_id AND q.message_id = p.message_id AND q.record_id IS NOT DISTINCT FROM p.record_id
                  AND q.participation_id IS NOT DISTINCT FROM p.participation_id AND q.id > p.id);
DROP INDEX message_proposals_left_out_key;
CREATE UNIQUE INDEX message_proposals_left_out_key ON message_proposals (tenant_id, message_id, participation_id) WHERE record_id IS NULL;
DROP INDEX message_proposals_record_key;
ALTER TABLE message_proposals
    ADD CONSTRAINT message_proposals_record_key UNIQUE (tenant_id, record_id),
    DROP COLUMN before_start;
