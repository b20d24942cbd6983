DROP FUNCTION unchanged_since(uuid, text[], bigint[]);
DROP FUNCTION present_snapshot();
DROP INDEX audit_entries_writers_idx;
