DROP FUNCTION forget_imports(timestamptz);
DROP FUNCTION note_import_progress(uuid, uuid, integer);
DROP TABLE imports;
ALTER TABLE person_identities DROP COLUMN local_reference, DROP COLUMN local_reference_index;
