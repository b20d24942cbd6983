DROP FUNCTION forget_key_ring(uuid);
DROP FUNCTION report_key_ring(uuid, text);
DROP TABLE key_ring_readers;
DROP TRIGGER bump_row_version ON person_identities;
CREATE TRIGGER bump_row_version BEFORE UPDATE ON person_identities FOR EACH ROW EXECUTE FUNCTION bump_row_version();
ALTER TABLE person_identities DROP COLUMN blind_index_key, DROP COLUMN participation_index_key;
