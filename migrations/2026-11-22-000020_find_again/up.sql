-- A subject of an outside issuer may come back after its client was revoked: it is unique among those in force.
ALTER TABLE clients DROP CONSTRAINT clients_subject_key;
CREATE UNIQUE INDEX clients_subject_key ON clients (issuer, subject) WHERE revoked_at IS NULL;

CREATE OR REPLACE FUNCTION find_client(wanted_issuer text, wanted_subject text)
    RETURNS TABLE (tenant_id uuid, id uuid, role text, secret_hash text, host_id uuid, facilitator_partner_id uuid, revoked_at timestamptz)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public
    AS $$ SELECT c.tenant_id, c.id, c.role, c.secret_hash, c.host_id, c.facilitator_partner_id, c.revoked_at
          FROM public.clients c WHERE c.issuer = wanted_issuer AND c.subject = wanted_subject AND c.revoked_at IS NULL $$;
