CREATE OR REPLACE FUNCTION unchanged_since(tenant uuid, snapshots text[], shifts bigint[]) RETURNS boolean[]
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
