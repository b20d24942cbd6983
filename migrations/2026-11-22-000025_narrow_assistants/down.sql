-- Codes stay in upper case: how they were written is not kept.
DROP FUNCTION find_client(text, text);
ALTER TABLE clients DROP COLUMN assistant;
CREATE FUNCTION find_client(wanted_issuer text, wanted_subject text)
    RETURNS TABLE (tenant_id uuid, id uuid, role text, secret_hash text, host_id uuid, facilitator_partner_id uuid, revoked_at timestamptz)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public
    AS $$ SELECT c.tenant_id, c.id, c.role, c.secret_hash, c.host_id, c.facilitator_partner_id, c.revoked_at
          FROM public.clients c WHERE c.issuer = wanted_issuer AND c.subject = wanted_subject AND c.revoked_at IS NULL $$;
REVOKE ALL ON FUNCTION find_client(text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION find_client(text, text) TO pai_service;
COMMENT ON TABLE clients IS 'Systems that may call the service: one role in one tenant each, optionally narrowed to one host or one contractor.';
COMMENT ON COLUMN household_assistants.assistant IS 'The centre''s own code of the assistant; no name.';
