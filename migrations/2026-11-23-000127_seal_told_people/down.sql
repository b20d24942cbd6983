ALTER TABLE messages
    ALTER COLUMN digest TYPE bytea USING coalesce(digest, ''),
    ALTER COLUMN digest SET NOT NULL;
COMMENT ON COLUMN messages.digest IS 'Keyed digest of what was sent to the service, by which a repetition is told from another message under the same reference.';
DO $do$
BEGIN
    EXECUTE replace(pg_get_functiondef('merge_people'::regproc), $$, ('message_records', 'identity')$$, '');
END $do$;
-- What is under the key of a person cannot be read without knowing whose.
UPDATE message_records SET identity = NULL WHERE person_id IS NOT NULL;
ALTER TABLE message_records
    DROP COLUMN person_id;
COMMENT ON COLUMN message_records.identity IS 'Names, residence and PESEL or document, sealed; only in the lists for which the law demands them.';
