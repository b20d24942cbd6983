-- How often each client calls, and how it is answered, day by day.

CREATE TABLE client_calls (
    tenant_id uuid NOT NULL DEFAULT app_tenant(),
    client_id uuid NOT NULL,
    day_on date NOT NULL,
    calls bigint NOT NULL,
    refused bigint NOT NULL,
    failed bigint NOT NULL,
    last_call_at timestamptz NOT NULL,
    CONSTRAINT client_calls_pkey PRIMARY KEY (tenant_id, client_id, day_on),
    CONSTRAINT client_calls_client_fkey FOREIGN KEY (tenant_id, client_id) REFERENCES clients (tenant_id, id),
    CONSTRAINT client_calls_counts_check CHECK (calls > 0 AND refused >= 0 AND failed >= 0 AND refused + failed <= calls)
);
COMMENT ON TABLE client_calls IS 'Calls of a client on a day, noted now and then by each running service; what a service that is killed has not noted is lost.';
COMMENT ON COLUMN client_calls.refused IS 'Answered with 400 to 499.';
COMMENT ON COLUMN client_calls.failed IS 'Answered with 500 or more.';
SELECT protect_tenant_table('client_calls');

-- Adds counts of several clients, of whatever tenants: the service counts beside its requests. A client that is not there
-- is left out.
CREATE FUNCTION note_client_calls(tenants uuid[], callers uuid[], days date[], called bigint[], refusals bigint[], failures bigint[], last_calls timestamptz[]) RETURNS void
    LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public
    AS $$ INSERT INTO public.client_calls AS known (tenant_id, client_id, day_on, calls, refused, failed, last_call_at)
          SELECT n.tenant_id, n.client_id, n.day_on, n.calls, n.refused, n.failed, n.last_call_at
            FROM unnest(tenants, callers, days, called, refusals, failures, last_calls)
                 AS n (tenant_id, client_id, day_on, calls, refused, failed, last_call_at)
            JOIN public.clients c ON c.tenant_id = n.tenant_id AND c.id = n.client_id
           ORDER BY n.tenant_id, n.client_id, n.day_on
          ON CONFLICT (tenant_id, client_id, day_on) DO UPDATE
             SET calls = known.calls + excluded.calls, refused = known.refused + excluded.refused,
                 failed = known.failed + excluded.failed, last_call_at = greatest(known.last_call_at, excluded.last_call_at) $$;
REVOKE ALL ON FUNCTION note_client_calls(uuid[], uuid[], date[], bigint[], bigint[], bigint[], timestamptz[]) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION note_client_calls(uuid[], uuid[], date[], bigint[], bigint[], bigint[], timestamptz[]) TO pai_service;
