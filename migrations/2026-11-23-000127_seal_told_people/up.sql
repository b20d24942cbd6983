-- Whom a town names in a list is sealed under the key of that person, so that destroying the key reaches the copy too.

ALTER TABLE message_records
    ADD COLUMN person_id uuid,
    ADD CONSTRAINT message_records_person_fkey FOREIGN KEY (tenant_id, person_id) REFERENCES people (tenant_id, id) DEFERRABLE INITIALLY IMMEDIATE;
COMMENT ON COLUMN message_records.identity IS 'Names, residence and PESEL or document, sealed; only in the lists for which the law demands them. Under the key of the person, where it is one of the town''s people whom the town named; else under that of the sender.';
COMMENT ON COLUMN message_records.person_id IS 'Under whose key the identity is sealed; never told to the other side.';
CREATE INDEX message_records_person_idx ON message_records (tenant_id, person_id) WHERE person_id IS NOT NULL;

-- A merge moves what is sealed for the duplicate to the key of the survivor.
DO $do$
BEGIN
    EXECUTE replace(pg_get_functiondef('merge_people'::regproc), $$('merged_people', 'former_identity')$$,
                    $$('merged_people', 'former_identity'), ('message_records', 'identity')$$);
END $do$;

-- Digests under the index key could not be compared any more once that was exchanged. Those of before are dropped: the
-- message is there, and its repetition is refused by its reference.
ALTER TABLE messages
    ALTER COLUMN digest DROP NOT NULL,
    ALTER COLUMN digest TYPE bytea USING NULL;
COMMENT ON COLUMN messages.digest IS 'SHA-256 of what was sent to the service, sealed under the key of the sender, by which a repetition is told from another message under the same reference.';
