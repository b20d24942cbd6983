-- Runs as pai_owner. The service connects as pai_service, which owns nothing
-- and cannot bypass row-level security.

-- What every transaction of the service states about itself. Unset is an
-- error, not an empty answer: a forgotten tenant must never look like "no rows".
CREATE FUNCTION app_tenant() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
    RETURN current_setting('app.tenant')::uuid;
CREATE FUNCTION app_client() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE
    RETURN current_setting('app.client')::uuid;
CREATE FUNCTION app_now() RETURNS timestamptz LANGUAGE sql STABLE PARALLEL SAFE
    RETURN current_setting('app.now')::timestamptz;

CREATE FUNCTION bump_row_version() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    NEW.row_version := OLD.row_version + 1;
    RETURN NEW;
END $$;

-- Puts a tenant's table behind the tenant boundary. The service may read and
-- append; what it may change is named column by column with the table.
CREATE FUNCTION protect_tenant_table(target regclass) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', target);
    EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', target);
    EXECUTE format(
        'CREATE POLICY tenant_boundary ON %s USING (tenant_id = app_tenant()) WITH CHECK (tenant_id = app_tenant())',
        target);
    EXECUTE format('GRANT SELECT, INSERT ON %s TO pai_service', target);
    IF EXISTS (SELECT 1 FROM pg_attribute WHERE attrelid = target AND attname = 'row_version' AND NOT attisdropped) THEN
        EXECUTE format('CREATE TRIGGER bump_row_version BEFORE UPDATE ON %s FOR EACH ROW EXECUTE FUNCTION bump_row_version()', target);
    END IF;
END $$;

CREATE TABLE institutions (
    id uuid NOT NULL,
    kind text NOT NULL,
    name text NOT NULL,
    teryt text,
    regon text,
    nip text,
    parent_id uuid,
    row_version integer NOT NULL DEFAULT 1,
    recorded_at timestamptz NOT NULL DEFAULT app_now(),
    CONSTRAINT institutions_pkey PRIMARY KEY (id),
    CONSTRAINT institutions_regon_key UNIQUE (regon),
    CONSTRAINT institutions_kind_check CHECK (kind IN
        ('municipalCentre', 'labourOffice', 'municipality', 'county', 'integrationClub', 'integrationCentre', 'labourCorps', 'nonGovernmental', 'other')),
    CONSTRAINT institutions_parent_fkey FOREIGN KEY (parent_id) REFERENCES institutions (id)
);
COMMENT ON TABLE institutions IS 'Municipal centres, labour offices and the other bodies of a programme: reference data shared by all tenants.';
CREATE TRIGGER bump_row_version BEFORE UPDATE ON institutions FOR EACH ROW EXECUTE FUNCTION bump_row_version();
GRANT SELECT, INSERT ON institutions TO pai_service;
GRANT UPDATE (kind, name, teryt, regon, nip, parent_id, row_version) ON institutions TO pai_service;

CREATE TABLE partners (
    tenant_id uuid NOT NULL DEFAULT app_tenant(),
    id uuid NOT NULL,
    kind text NOT NULL,
    name text NOT NULL,
    institution_id uuid,
    regon text,
    nip text,
    row_version integer NOT NULL DEFAULT 1,
    recorded_at timestamptz NOT NULL DEFAULT app_now(),
    recorded_by uuid NOT NULL DEFAULT app_client(),
    CONSTRAINT partners_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT partners_tenant_fkey FOREIGN KEY (tenant_id) REFERENCES institutions (id),
    CONSTRAINT partners_institution_fkey FOREIGN KEY (institution_id) REFERENCES institutions (id),
    CONSTRAINT partners_name_key UNIQUE (tenant_id, kind, name),
    CONSTRAINT partners_kind_check CHECK (kind IN
        ('labourOffice', 'contractor', 'host', 'municipality', 'integrationClub', 'integrationCentre', 'labourCorps', 'nonGovernmental', 'other'))
);
COMMENT ON TABLE partners IS 'Bodies a tenant works with: labour office, contractors of integration classes, hosts of socially useful work.';
SELECT protect_tenant_table('partners');
GRANT UPDATE (kind, name, institution_id, regon, nip, row_version) ON partners TO pai_service;

CREATE TABLE hosts (
    tenant_id uuid NOT NULL DEFAULT app_tenant(),
    id uuid NOT NULL,
    name text NOT NULL,
    is_category boolean NOT NULL DEFAULT false,
    partner_id uuid,
    kinds_of_work text[] NOT NULL DEFAULT '{}',
    positions integer,
    note text,
    row_version integer NOT NULL DEFAULT 1,
    recorded_at timestamptz NOT NULL DEFAULT app_now(),
    recorded_by uuid NOT NULL DEFAULT app_client(),
    CONSTRAINT hosts_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT hosts_tenant_fkey FOREIGN KEY (tenant_id) REFERENCES institutions (id),
    CONSTRAINT hosts_partner_fkey FOREIGN KEY (tenant_id, partner_id) REFERENCES partners (tenant_id, id),
    CONSTRAINT hosts_name_key UNIQUE (tenant_id, name),
    CONSTRAINT hosts_positions_check CHECK (positions > 0)
);
COMMENT ON TABLE hosts IS 'Places where socially useful work is done (regulation of 21 December 2017, section 2(2)): one entity, or a category such as "municipal kindergartens".';
COMMENT ON COLUMN hosts.is_category IS 'The source names a kind of place, not one entity.';
SELECT protect_tenant_table('hosts');
GRANT UPDATE (name, is_category, partner_id, kinds_of_work, positions, note, row_version) ON hosts TO pai_service;

CREATE TABLE clients (
    tenant_id uuid NOT NULL DEFAULT app_tenant(),
    id uuid NOT NULL,
    name text NOT NULL,
    role text NOT NULL,
    issuer text NOT NULL,
    subject text NOT NULL,
    secret_hash text,
    host_id uuid,
    facilitator_partner_id uuid,
    revoked_at timestamptz,
    revocation_reason text,
    row_version integer NOT NULL DEFAULT 1,
    recorded_at timestamptz NOT NULL DEFAULT app_now(),
    CONSTRAINT clients_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT clients_subject_key UNIQUE (issuer, subject),
    CONSTRAINT clients_tenant_fkey FOREIGN KEY (tenant_id) REFERENCES institutions (id),
    CONSTRAINT clients_host_fkey FOREIGN KEY (tenant_id, host_id) REFERENCES hosts (tenant_id, id),
    CONSTRAINT clients_facilitator_fkey FOREIGN KEY (tenant_id, facilitator_partner_id) REFERENCES partners (tenant_id, id),
    CONSTRAINT clients_role_check CHECK (role IN
        ('administrator', 'coordinator', 'social_worker', 'family_assistant', 'host_supervisor', 'facilitator', 'pup_officer', 'auditor', 'statistician')),
    CONSTRAINT clients_host_scope_check CHECK (host_id IS NULL OR role = 'host_supervisor'),
    CONSTRAINT clients_facilitator_scope_check CHECK (facilitator_partner_id IS NULL OR role = 'facilitator'),
    CONSTRAINT clients_revocation_check CHECK (revocation_reason IS NULL OR revoked_at IS NOT NULL)
);
COMMENT ON TABLE clients IS 'Systems that may call the service: one role in one tenant each, optionally narrowed to one host or one contractor.';
COMMENT ON COLUMN clients.issuer IS 'Who issues the tokens of this client: "built-in" or the issuer of an outside identity provider.';
COMMENT ON COLUMN clients.secret_hash IS 'Argon2id hash; only for clients of the built-in issuer.';
SELECT protect_tenant_table('clients');
GRANT UPDATE (revoked_at, revocation_reason, secret_hash, row_version) ON clients TO pai_service;

-- The caller of a token is looked up before its tenant is known, so this one
-- question passes the boundary, by exact issuer and subject only.
CREATE FUNCTION find_client(wanted_issuer text, wanted_subject text)
    RETURNS TABLE (tenant_id uuid, id uuid, role text, secret_hash text, host_id uuid, facilitator_partner_id uuid, revoked_at timestamptz)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public
    AS $$ SELECT c.tenant_id, c.id, c.role, c.secret_hash, c.host_id, c.facilitator_partner_id, c.revoked_at
          FROM public.clients c WHERE c.issuer = wanted_issuer AND c.subject = wanted_subject $$;
REVOKE ALL ON FUNCTION find_client(text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION find_client(text, text) TO pai_service;

CREATE TABLE idempotency_keys (
    tenant_id uuid NOT NULL DEFAULT app_tenant(),
    client_id uuid NOT NULL DEFAULT app_client(),
    key text NOT NULL,
    request_hash bytea NOT NULL,
    status smallint,
    location text,
    etag text,
    body bytea,
    recorded_at timestamptz NOT NULL DEFAULT app_now(),
    CONSTRAINT idempotency_keys_pkey PRIMARY KEY (tenant_id, client_id, key)
);
COMMENT ON TABLE idempotency_keys IS 'First answers to keyed writes, stored in the transaction of the work; the body is encrypted.';
SELECT protect_tenant_table('idempotency_keys');
CREATE INDEX idempotency_keys_recorded_at_idx ON idempotency_keys (recorded_at);
GRANT UPDATE (status, location, etag, body), DELETE ON idempotency_keys TO pai_service;

-- Answers older than the published expiry are dropped for all tenants at once.
CREATE FUNCTION forget_idempotency_keys(before timestamptz) RETURNS bigint
    LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public
    AS $$ WITH gone AS (DELETE FROM public.idempotency_keys WHERE recorded_at < before RETURNING 1) SELECT count(*) FROM gone $$;
REVOKE ALL ON FUNCTION forget_idempotency_keys(timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION forget_idempotency_keys(timestamptz) TO pai_service;

CREATE TABLE audit_entries (
    tenant_id uuid NOT NULL DEFAULT app_tenant(),
    id uuid NOT NULL,
    operation text NOT NULL,
    client_id uuid NOT NULL DEFAULT app_client(),
    role text NOT NULL,
    on_behalf_of text,
    purpose text,
    record_kind text NOT NULL,
    record_ids uuid[] NOT NULL,
    fields text[] NOT NULL,
    reveals_identity boolean NOT NULL,
    dry_run boolean NOT NULL,
    override_reason text,
    request_id uuid NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT app_now(),
    CONSTRAINT audit_entries_pkey PRIMARY KEY (tenant_id, id)
);
COMMENT ON TABLE audit_entries IS 'Who changed or saw what, for whom, why and when (art. 33(8) of the Act of 20 April 2004). Append-only: the service holds no right to change a row.';
SELECT protect_tenant_table('audit_entries');
CREATE INDEX audit_entries_record_ids_idx ON audit_entries USING gin (record_ids);

CREATE TABLE outbox_sequences (
    tenant_id uuid NOT NULL DEFAULT app_tenant(),
    aggregate_id uuid NOT NULL,
    last_sequence bigint NOT NULL,
    CONSTRAINT outbox_sequences_pkey PRIMARY KEY (tenant_id, aggregate_id)
);
COMMENT ON TABLE outbox_sequences IS 'The last event number of each aggregate; its row lock orders the events.';
SELECT protect_tenant_table('outbox_sequences');
GRANT UPDATE (last_sequence) ON outbox_sequences TO pai_service;

CREATE TABLE outbox_events (
    tenant_id uuid NOT NULL DEFAULT app_tenant(),
    id uuid NOT NULL,
    aggregate_kind text NOT NULL,
    aggregate_id uuid NOT NULL,
    sequence bigint NOT NULL,
    type text NOT NULL,
    schema_version smallint NOT NULL DEFAULT 1,
    data jsonb NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT app_now(),
    delivered_at timestamptz,
    CONSTRAINT outbox_events_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT outbox_events_sequence_key UNIQUE (tenant_id, aggregate_id, sequence)
);
COMMENT ON TABLE outbox_events IS 'What happened, in the order it happened per aggregate, for other systems; ids only, no personal data.';
SELECT protect_tenant_table('outbox_events');
CREATE INDEX outbox_events_waiting_idx ON outbox_events (tenant_id, recorded_at) WHERE delivered_at IS NULL;
GRANT UPDATE (delivered_at) ON outbox_events TO pai_service;

-- The end of every write in one round trip: the audit row, the events with
-- their per-aggregate numbers, and the answer that a repeated call gets.
CREATE FUNCTION finish_write(
    audit_id uuid, operation text, role text, on_behalf_of text, purpose text,
    record_kind text, record_ids uuid[], fields text[], reveals_identity boolean, dry_run boolean,
    override_reason text, request_id uuid,
    event_ids uuid[], event_kinds text[], event_aggregates uuid[], event_types text[], event_data jsonb,
    idempotency_key text, status smallint, location text, etag text, body bytea
) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    position integer;
    next_sequence bigint;
BEGIN
    INSERT INTO audit_entries (id, operation, role, on_behalf_of, purpose, record_kind, record_ids, fields,
                               reveals_identity, dry_run, override_reason, request_id)
    VALUES (audit_id, operation, role, on_behalf_of, purpose, record_kind, record_ids, fields,
            reveals_identity, dry_run, override_reason, request_id);
    FOR position IN 1 .. cardinality(event_ids) LOOP
        INSERT INTO outbox_sequences AS s (aggregate_id, last_sequence) VALUES (event_aggregates[position], 1)
            ON CONFLICT (tenant_id, aggregate_id) DO UPDATE SET last_sequence = s.last_sequence + 1
            RETURNING s.last_sequence INTO next_sequence;
        INSERT INTO outbox_events (id, aggregate_kind, aggregate_id, sequence, type, data)
        VALUES (event_ids[position], event_kinds[position], event_aggregates[position], next_sequence,
                event_types[position], event_data -> (position - 1));
    END LOOP;
    IF idempotency_key IS NOT NULL THEN
        UPDATE idempotency_keys k
           SET status = finish_write.status, location = finish_write.location, etag = finish_write.etag, body = finish_write.body
         WHERE k.tenant_id = app_tenant() AND k.client_id = app_client() AND k.key = finish_write.idempotency_key;
    END IF;
END $$;

-- The service asks this at start and refuses to serve when anything is found.
CREATE FUNCTION unsafe_for_tenants() RETURNS text[] LANGUAGE sql STABLE AS $$
    SELECT coalesce(array_agg(finding ORDER BY finding), '{}') FROM (
        SELECT 'role ' || current_user || ' is a superuser' AS finding FROM pg_roles WHERE rolname = current_user AND rolsuper
        UNION ALL
        SELECT 'role ' || current_user || ' bypasses row-level security' FROM pg_roles WHERE rolname = current_user AND rolbypassrls
        UNION ALL
        SELECT 'role ' || current_user || ' owns table ' || c.relname FROM pg_class c
         WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace AND pg_has_role(current_user, c.relowner, 'USAGE')
        UNION ALL
        SELECT 'table ' || c.relname || ' lacks forced row-level security or its policy' FROM pg_class c
          JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant_id' AND NOT a.attisdropped
         WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace
           AND NOT (c.relrowsecurity AND c.relforcerowsecurity AND EXISTS (SELECT 1 FROM pg_policy p WHERE p.polrelid = c.oid))
        UNION ALL
        SELECT 'table ' || c.relname || ' has a primary key that does not begin with the tenant' FROM pg_class c
          JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'tenant_id' AND NOT a.attisdropped
          JOIN pg_index i ON i.indrelid = c.oid AND i.indisprimary
         WHERE c.relnamespace = 'public'::regnamespace AND i.indkey[0] <> a.attnum
        UNION ALL
        SELECT 'foreign key ' || k.conname || ' of table ' || c.relname || ' does not carry the tenant' FROM pg_constraint k
          JOIN pg_class c ON c.oid = k.conrelid
          JOIN pg_attribute target ON target.attrelid = k.confrelid AND target.attname = 'tenant_id' AND NOT target.attisdropped
         WHERE k.contype = 'f' AND c.relnamespace = 'public'::regnamespace AND NOT target.attnum = ANY (k.confkey)
    ) findings
$$;
GRANT SELECT ON __diesel_schema_migrations TO pai_service;
