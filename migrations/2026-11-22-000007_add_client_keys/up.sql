-- Clients that prove who they are with a key of their own instead of a secret.
ALTER TABLE clients ADD COLUMN public_keys jsonb NOT NULL DEFAULT '[]';
COMMENT ON COLUMN clients.public_keys IS 'Public keys (JSON Web Keys) with which a client of the built-in issuer signs its assertions; empty where it has a secret.';
GRANT UPDATE (public_keys) ON clients TO pai_service;

CREATE TABLE used_assertions (
    tenant_id uuid NOT NULL DEFAULT app_tenant(),
    client_id uuid NOT NULL DEFAULT app_client(),
    id_hash bytea NOT NULL,
    expires_at timestamptz NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT app_now(),
    CONSTRAINT used_assertions_pkey PRIMARY KEY (tenant_id, client_id, id_hash),
    CONSTRAINT used_assertions_client_fkey FOREIGN KEY (tenant_id, client_id) REFERENCES clients (tenant_id, id)
);
COMMENT ON TABLE used_assertions IS 'Assertions that clients have signed in with, until they expire: each works once, on whichever replica.';
SELECT protect_tenant_table('used_assertions');
GRANT DELETE ON used_assertions TO pai_service;
