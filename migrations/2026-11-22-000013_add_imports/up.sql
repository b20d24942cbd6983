-- The office's own reference of a person: an identifier like the others, so sealed and found by a keyed hash.
ALTER TABLE person_identities ADD COLUMN local_reference bytea, ADD COLUMN local_reference_index bytea;
ALTER TABLE person_identities
    ADD CONSTRAINT person_identities_local_reference_check CHECK ((local_reference IS NULL) = (local_reference_index IS NULL)),
    ADD CONSTRAINT person_identities_local_reference_key UNIQUE (tenant_id, local_reference_index);
COMMENT ON COLUMN person_identities.local_reference IS 'Reference of the office, such as the number of a case file.';
GRANT UPDATE (local_reference, local_reference_index) ON person_identities TO pai_service;

CREATE TABLE imports (
    tenant_id uuid NOT NULL DEFAULT app_tenant(),
    id uuid NOT NULL,
    kind text NOT NULL,
    format text NOT NULL,
    state text NOT NULL,
    plan bytea,
    plan_hash text NOT NULL,
    rows_created integer NOT NULL,
    rows_changed integer NOT NULL,
    rows_unchanged integer NOT NULL,
    rows_conflict integer NOT NULL,
    rows_error integer NOT NULL,
    rows_done integer NOT NULL DEFAULT 0,
    ended_at timestamptz,
    cancellation_reason text,
    row_version integer NOT NULL DEFAULT 1,
    recorded_at timestamptz NOT NULL DEFAULT app_now(),
    recorded_by uuid NOT NULL DEFAULT app_client(),
    CONSTRAINT imports_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT imports_tenant_fkey FOREIGN KEY (tenant_id) REFERENCES institutions (id),
    CONSTRAINT imports_format_check CHECK (format IN ('csv', 'xlsx', 'ndjson')),
    CONSTRAINT imports_state_check CHECK (state IN ('planned', 'committed', 'cancelled')),
    CONSTRAINT imports_ended_check CHECK ((state = 'planned') = (ended_at IS NULL)),
    CONSTRAINT imports_cancellation_check CHECK (cancellation_reason IS NULL OR state = 'cancelled'),
    CONSTRAINT imports_plan_check CHECK ((state = 'cancelled') = (plan IS NULL)),
    CONSTRAINT imports_done_check CHECK (rows_done BETWEEN 0 AND rows_created + rows_changed)
);
COMMENT ON TABLE imports IS 'Files sent for bulk intake, what they would do and what became of them; forgotten after a time.';
COMMENT ON COLUMN imports.plan IS 'The rows of the file and what is planned for each, encrypted; gone when cancelled.';
COMMENT ON COLUMN imports.plan_hash IS 'Keyed hash of the plan: who commits says which one was looked at.';
COMMENT ON COLUMN imports.rows_done IS 'Progress of a commit under way, told from outside its transaction.';
-- Sealed bytes do not get smaller.
ALTER TABLE imports ALTER COLUMN plan SET STORAGE EXTERNAL;
CREATE INDEX imports_recorded_at_idx ON imports (recorded_at);
SELECT protect_tenant_table('imports');
GRANT UPDATE (state, plan, rows_done, ended_at, cancellation_reason, row_version) ON imports TO pai_service;

-- Progress is no new version: the version stands for the plan and its end. Nor is the same plan under another key.
DROP TRIGGER bump_row_version ON imports;
CREATE TRIGGER bump_row_version BEFORE UPDATE ON imports FOR EACH ROW
    WHEN (OLD.state IS DISTINCT FROM NEW.state) EXECUTE FUNCTION bump_row_version();

-- A transaction of its own, so that others see it before the commit.
CREATE FUNCTION note_import_progress(tenant uuid, import uuid, done integer) RETURNS void LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    PERFORM set_config('app.tenant', tenant::text, true);
    UPDATE imports i SET rows_done = done WHERE i.tenant_id = tenant AND i.id = import AND i.state = 'planned';
END $$;

-- Files and plans are personal data of many people: those that are older than published are dropped for all tenants at once.
CREATE FUNCTION forget_imports(before timestamptz) RETURNS bigint
    LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public
    AS $$ WITH gone AS (DELETE FROM public.imports WHERE recorded_at < before RETURNING 1) SELECT count(*) FROM gone $$;
REVOKE ALL ON FUNCTION forget_imports(timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION forget_imports(timestamptz) TO pai_service;
