-- Whether somebody holds the lock of a commit. What a service that was killed had told of its progress stays behind; the lock
-- goes with its connection. Looked at and not taken, so that nobody who reads keeps a commit waiting.
CREATE FUNCTION import_lock_is_held(number bigint) RETURNS boolean LANGUAGE sql STABLE AS $$
    SELECT EXISTS (
        SELECT FROM pg_locks l
         WHERE l.locktype = 'advisory' AND l.mode = 'ExclusiveLock' AND l.granted AND l.objsubid = 1
           AND l.database = (SELECT d.oid FROM pg_database d WHERE d.datname = current_database())
           AND l.classid = ((number >> 32) & 4294967295)::oid AND l.objid = (number & 4294967295)::oid
    )
$$;
COMMENT ON COLUMN imports.rows_done IS 'Progress of a commit under way, told from outside its transaction; says nothing where no commit holds its lock.';
