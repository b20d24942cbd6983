-- What other systems call records of this service: any number of systems, each with its own id for the same record.

CREATE TABLE external_ids (
    tenant_id uuid NOT NULL DEFAULT app_tenant(),
    id uuid NOT NULL,
    record_kind text NOT NULL,
    system text NOT NULL,
    external_id text NOT NULL,
    record_id uuid NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT app_now(),
    recorded_by uuid NOT NULL DEFAULT app_client(),
    CONSTRAINT external_ids_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT external_ids_name_key UNIQUE (tenant_id, record_kind, system, external_id)
);
COMMENT ON TABLE external_ids IS 'Ids that other systems have given to records of this service, by which their files find them again.';
COMMENT ON COLUMN external_ids.record_kind IS 'Kind of the record, as in the kinds of import.';
COMMENT ON COLUMN external_ids.record_id IS 'The record that holds; a correction takes the ids of the record that it supersedes.';
CREATE INDEX external_ids_record_idx ON external_ids (tenant_id, record_id, id);
SELECT protect_tenant_table('external_ids');
GRANT UPDATE (record_id) ON external_ids TO pai_service;
