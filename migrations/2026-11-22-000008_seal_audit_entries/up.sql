-- The access register is sealed: about each second the service binds the new
-- rows into a chain of seals with a key that the database never sees.

-- Where a row stands among the transactions. Commit order is neither the order
-- of ids nor of times; but a snapshot knows exactly which transactions were over,
-- so a sealer that notes which were not misses nothing and takes nothing twice.
ALTER TABLE audit_entries ADD COLUMN position bigint NOT NULL DEFAULT (pg_current_xact_id()::text::bigint);
COMMENT ON COLUMN audit_entries.position IS 'Number of the writing transaction, moved so that it keeps growing when the database moves to another cluster.';
-- Rows come in about this order, so block ranges find the newest; a B-tree would slow each write down.
CREATE INDEX audit_entries_position_idx ON audit_entries USING brin (position) WITH (pages_per_range = 32, autosummarize = on);

CREATE TABLE audit_seals (
    number bigint NOT NULL,
    form smallint NOT NULL,
    key_id bytea NOT NULL,
    sealed_at timestamptz NOT NULL,
    home text NOT NULL,
    shift bigint NOT NULL,
    reach bigint NOT NULL,
    running bigint[] NOT NULL,
    tenant_ids uuid[] NOT NULL,
    entry_ids uuid[] NOT NULL,
    digests bytea NOT NULL,
    mac bytea NOT NULL,
    CONSTRAINT audit_seals_pkey PRIMARY KEY (number)
);
COMMENT ON TABLE audit_seals IS 'The chain that binds the access register: ids and digests of its rows, each link with a keyed hash over itself and the link before. The key is outside the database.';
COMMENT ON COLUMN audit_seals.form IS 'How a row becomes a digest: 1 is SHA-256 of record_send over the columns of audit_entry_digest.';
COMMENT ON COLUMN audit_seals.home IS 'Cluster and database in which the seal was made; after a restore it is another.';
COMMENT ON COLUMN audit_seals.shift IS 'What is added to the number of a transaction to make a position.';
COMMENT ON COLUMN audit_seals.reach IS 'Every row below this position is in this seal or an earlier one, but for those of transactions that were running.';
COMMENT ON COLUMN audit_seals.running IS 'Positions of the transactions that were running, and whose rows a later seal takes.';
-- Random bytes do not shrink.
ALTER TABLE audit_seals ALTER COLUMN tenant_ids SET STORAGE EXTERNAL;
ALTER TABLE audit_seals ALTER COLUMN entry_ids SET STORAGE EXTERNAL;
ALTER TABLE audit_seals ALTER COLUMN digests SET STORAGE EXTERNAL;
GRANT INSERT ON audit_seals TO pai_service;

CREATE TABLE audit_homes (
    number integer NOT NULL,
    home text NOT NULL,
    shift bigint NOT NULL,
    begun_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    CONSTRAINT audit_homes_pkey PRIMARY KEY (number)
);
COMMENT ON TABLE audit_homes IS 'Clusters and databases in which the register has lived. Transaction numbers begin anew in each, so positions are shifted.';

-- Nobody but the owner; said aloud, so that the catalogue shows it.
REVOKE ALL ON audit_homes FROM PUBLIC;

CREATE FUNCTION audit_home() RETURNS text LANGUAGE sql STABLE
    RETURN (SELECT c.system_identifier || '/' || d.oid FROM pg_control_system() c, pg_database d WHERE d.datname = current_database());

-- What a seal says about a row; its whole content, so that nothing of it can be changed unseen.
CREATE FUNCTION audit_entry_digest(a audit_entries) RETURNS bytea LANGUAGE sql STABLE
    RETURN sha256(record_send(ROW(a.tenant_id, a.id, a.operation, a.client_id, a.role, a.on_behalf_of, a.purpose, a.record_kind,
        a.record_ids, a.fields, a.reveals_identity, a.dry_run, a.override_reason, a.request_id, a.recorded_at, a."position")));

-- The three questions of the sealer pass the tenant boundary. None answers with
-- what a row says: only where the chain ends, and ids and digests of rows to be sealed.

-- Makes this cluster and database the home of the register. In another one
-- transaction numbers begin anew: positions are shifted beyond all that exist.
CREATE FUNCTION settle_audit_home() RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
DECLARE
    known public.audit_homes;
    new_shift bigint;
BEGIN
    SELECT * INTO known FROM public.audit_homes ORDER BY number DESC LIMIT 1;
    IF known.home IS NOT DISTINCT FROM public.audit_home() THEN
        RETURN known.shift;
    END IF;
    -- Waits for the writers of the moment; those that come later take the new default.
    LOCK TABLE public.audit_entries IN ACCESS EXCLUSIVE MODE;
    -- Another process may have been first.
    SELECT * INTO known FROM public.audit_homes ORDER BY number DESC LIMIT 1;
    IF known.home IS NOT DISTINCT FROM public.audit_home() THEN
        RETURN known.shift;
    END IF;
    SELECT greatest(0, coalesce(max(position), 0) + 1 - pg_snapshot_xmin(pg_current_snapshot())::text::bigint)
      INTO new_shift FROM public.audit_entries;
    EXECUTE format('ALTER TABLE public.audit_entries ALTER COLUMN position SET DEFAULT (pg_current_xact_id()::text::bigint + %s)', new_shift);
    INSERT INTO public.audit_homes (number, home, shift) VALUES (coalesce(known.number, 0) + 1, public.audit_home(), new_shift);
    RETURN new_shift;
END $$;
REVOKE ALL ON FUNCTION settle_audit_home() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION settle_audit_home() TO pai_service;

CREATE FUNCTION audit_head(OUT number bigint, OUT mac bytea, OUT home text, OUT reach bigint, OUT running bigint[],
                           OUT present_home text, OUT present_shift bigint, OUT present_reach bigint, OUT present_running bigint[])
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    SELECT s.number, s.mac, s.home, s.reach, s.running, h.home, h.shift,
           pg_snapshot_xmax(pg_current_snapshot())::text::bigint + h.shift,
           ARRAY(SELECT x::text::bigint + h.shift FROM pg_snapshot_xip(pg_current_snapshot()) x ORDER BY 1)
      FROM (SELECT * FROM public.audit_homes ORDER BY number DESC LIMIT 1) h
      LEFT JOIN (SELECT * FROM public.audit_seals ORDER BY number DESC LIMIT 1) s ON true
$$;
REVOKE ALL ON FUNCTION audit_head() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION audit_head() TO pai_service;

CREATE FUNCTION audit_seal_mac(wanted bigint) RETURNS bytea
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public
    AS $$ SELECT s.mac FROM public.audit_seals s WHERE s.number = wanted $$;
REVOKE ALL ON FUNCTION audit_seal_mac(bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION audit_seal_mac(bigint) TO pai_service;

-- Rows of no seal: those beyond the last seal's reach, and those whose transactions were running then.
-- Without a reach, in a new home, all rows are compared with all seals.
CREATE FUNCTION unsealed_audit_entries(sealed_reach bigint, were_running bigint[])
    RETURNS TABLE (tenant_id uuid, id uuid, digest bytea)
    LANGUAGE plpgsql STABLE SECURITY DEFINER SET search_path = pg_catalog, public SET enable_seqscan = off AS $$
BEGIN
    IF sealed_reach IS NULL THEN
        RETURN QUERY SELECT a.tenant_id, a.id, audit_entry_digest(a) FROM audit_entries a
             WHERE NOT EXISTS (SELECT FROM audit_seals s, unnest(s.tenant_ids, s.entry_ids) e (tenant_id, id)
                                WHERE e.tenant_id = a.tenant_id AND e.id = a.id)
             ORDER BY a.tenant_id, a.id;
    ELSE
        RETURN QUERY SELECT a.tenant_id, a.id, audit_entry_digest(a) FROM audit_entries a
             WHERE a."position" >= least(sealed_reach, (SELECT min(r) FROM unnest(were_running) r))
               AND (a."position" >= sealed_reach OR a."position" = ANY (were_running))
             ORDER BY a.tenant_id, a.id;
    END IF;
END $$;
REVOKE ALL ON FUNCTION unsealed_audit_entries(bigint, bigint[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION unsealed_audit_entries(bigint, bigint[]) TO pai_service;

-- How much waits for delivery, all tenants together: a count that stops at a bound, and the oldest moment.
CREATE FUNCTION outbox_backlog(bound integer, OUT waiting bigint, OUT oldest timestamptz)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public AS $$
    WITH RECURSIVE towns AS (
        (SELECT e.tenant_id, e.recorded_at FROM public.outbox_events e WHERE e.delivered_at IS NULL
          ORDER BY e.tenant_id, e.recorded_at LIMIT 1)
        UNION ALL
        SELECT n.tenant_id, n.recorded_at FROM towns t CROSS JOIN LATERAL (
            SELECT e.tenant_id, e.recorded_at FROM public.outbox_events e WHERE e.delivered_at IS NULL AND e.tenant_id > t.tenant_id
             ORDER BY e.tenant_id, e.recorded_at LIMIT 1) n
    )
    SELECT (SELECT count(*) FROM (SELECT FROM public.outbox_events e WHERE e.delivered_at IS NULL LIMIT bound) counted),
           (SELECT min(t.recorded_at) FROM towns t)
$$;
REVOKE ALL ON FUNCTION outbox_backlog(integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION outbox_backlog(integer) TO pai_service;
