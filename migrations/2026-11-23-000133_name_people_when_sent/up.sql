-- A draft names nobody: the sender's own people are named as they are when it is sent, so that a merge or a change of their data
-- leaves nothing behind in it.

UPDATE message_records r SET identity = NULL
  FROM messages m
 WHERE m.tenant_id = r.tenant_id AND m.id = r.message_id AND m.sent_on IS NULL AND m.sender_tenant_id = m.tenant_id AND r.person_id IS NOT NULL;
GRANT UPDATE (identity) ON message_records TO pai_service;
COMMENT ON COLUMN message_records.identity IS 'Names, residence and PESEL or document, sealed; only in the lists for which the law demands them, of the sender''s own people once they are sent. Under the key of the person, where it is one of the town''s people whom the town named; else under that of the sender.';
