-- Fails where a subject has come back meanwhile: one of its clients would have to be forgotten.
CREATE OR REPLACE FUNCTION find_client(wanted_issuer text, wanted_subject text)
    RETURNS TABLE (tenant_id uuid, id uuid, role text, secret_hash text, host_id uuid, facilitator_partner_id uuid, revoked_at timestamptz)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public
    AS $$ SELECT c.tenant_id, c.id, c.role, c.secret_hash, c.host_id, c.facilitator_partner_id, c.revoked_at
          FROM public.clients c WHERE c.issuer = wanted_issuer AND c.subject = wanted_subject $$;
DROP INDEX clients_subject_key;
ALTER TABLE clients ADD CONSTRAINT clients_subject_key UNIQUE (issuer, subject);
