COMMENT ON COLUMN message_records.identity IS 'Names, residence and PESEL or document, sealed; only in the lists for which the law demands them. Under the key of the person, where it is one of the town''s people whom the town named; else under that of the sender.';
REVOKE UPDATE (identity) ON message_records FROM pai_service;
