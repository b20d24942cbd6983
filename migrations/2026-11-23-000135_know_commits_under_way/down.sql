COMMENT ON COLUMN imports.rows_done IS 'Progress of a commit under way, told from outside its transaction.';
DROP FUNCTION import_lock_is_held(bigint);
