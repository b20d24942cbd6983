DROP FUNCTION insert_attendance(uuid, uuid, uuid[], uuid[], text[], integer[], text[], uuid[], text);
DROP FUNCTION record_psu_entries(uuid, uuid, text, text, text, uuid[], uuid[], uuid[], uuid[], uuid[], uuid[], integer[],
    uuid[], date[], integer[], text[], text[], bytea[], text[], bytea[], uuid[], uuid[], text[], text[], text[], uuid[], jsonb);
DROP FUNCTION psu_terms(uuid, uuid[]);
DROP FUNCTION list_psu_entries(uuid, uuid, uuid, bigint);
DROP FUNCTION read_psu_entries(uuid, uuid[]);
