-- Whether a tenant has written anything since a snapshot: each write leaves a row in the access register, and the row bears
-- the number of its transaction. Neither times nor ids could tell: transactions do not commit in the order in which they begin.
CREATE INDEX audit_entries_writers_idx ON audit_entries (tenant_id, position);

-- The snapshot of the running statement, and what is added to the number of a transaction to make a position.
CREATE FUNCTION present_snapshot(OUT snapshot text, OUT shift bigint)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    SELECT pg_current_snapshot()::text, coalesce((SELECT h.shift FROM public.audit_homes h ORDER BY h.number DESC LIMIT 1), 0)
$$;
REVOKE ALL ON FUNCTION present_snapshot() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION present_snapshot() TO pai_service;

-- For each snapshot: whether all that the tenant has written is visible in it. In another cluster the shift is larger, and
-- with it every new position, so that what was read before the move is never taken for unchanged once something is written.
CREATE FUNCTION unchanged_since(tenant uuid, snapshots text[], shifts bigint[]) RETURNS boolean[]
    LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    PERFORM set_config('app.tenant', tenant::text, true);
    RETURN ARRAY(
        SELECT NOT EXISTS (
                   SELECT FROM audit_entries a
                    WHERE a.tenant_id = tenant AND a."position" >= pg_snapshot_xmin(s.snapshot)::text::bigint + s.shift
                      AND NOT pg_visible_in_snapshot(greatest(a."position" - s.shift, 0)::text::xid8, s.snapshot))
          FROM unnest(snapshots::pg_snapshot[], shifts) WITH ORDINALITY s (snapshot, shift, number)
         ORDER BY s.number);
END $$;
