DROP FUNCTION note_client_calls(uuid[], uuid[], date[], bigint[], bigint[], bigint[], timestamptz[]);
DROP TABLE client_calls;
