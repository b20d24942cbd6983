-- A family assistant's client sees the families with which that assistant works.
ALTER TABLE clients ADD COLUMN assistant text;
COMMENT ON COLUMN clients.assistant IS 'The centre''s code of the family assistant to whose households the client is narrowed; nothing for all families.';
COMMENT ON TABLE clients IS 'Systems that may call the service: one role in one tenant each, optionally narrowed to one host, one contractor or one family assistant.';

DROP FUNCTION find_client(text, text);
CREATE FUNCTION find_client(wanted_issuer text, wanted_subject text)
    RETURNS TABLE (tenant_id uuid, id uuid, role text, secret_hash text, host_id uuid, facilitator_partner_id uuid, assistant text,
                   revoked_at timestamptz)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public
    AS $$ SELECT c.tenant_id, c.id, c.role, c.secret_hash, c.host_id, c.facilitator_partner_id, c.assistant, c.revoked_at
          FROM public.clients c WHERE c.issuer = wanted_issuer AND c.subject = wanted_subject AND c.revoked_at IS NULL $$;
REVOKE ALL ON FUNCTION find_client(text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION find_client(text, text) TO pai_service;

-- An assistant is the same in upper and lower case. A statement that would then overlap another stays as it was written.
ALTER TABLE household_assistants NO FORCE ROW LEVEL SECURITY;
UPDATE household_assistants a SET assistant = upper(a.assistant)
 WHERE a.assistant <> upper(a.assistant)
   AND (a.superseded_at IS NOT NULL OR NOT EXISTS (
        SELECT FROM household_assistants o
         WHERE o.tenant_id = a.tenant_id AND o.household_id = a.household_id AND o.id <> a.id AND o.superseded_at IS NULL
           AND upper(o.assistant) = upper(a.assistant)
           AND daterange(o.valid_from_on, o.valid_to_on, '[]') && daterange(a.valid_from_on, a.valid_to_on, '[]')));
ALTER TABLE household_assistants FORCE ROW LEVEL SECURITY;
COMMENT ON COLUMN household_assistants.assistant IS 'The centre''s own code of the assistant, in upper case; no name.';
