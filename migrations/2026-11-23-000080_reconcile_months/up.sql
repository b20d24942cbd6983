-- The month of socially useful work, as each of two institutions sees it, compared by pseudonyms and signed off by both.
--
-- Each side's statement and signature are rows of its own tenant. What one side may know of the other passes the boundary
-- through the functions below, and only where the other side has made its statement for the one that asks.

CREATE TABLE month_statements (
    tenant_id uuid NOT NULL DEFAULT app_tenant(),
    id uuid NOT NULL,
    institution_id uuid NOT NULL,
    month_on date NOT NULL,
    key_id text NOT NULL,
    source text NOT NULL,
    people_count integer NOT NULL,
    minutes integer NOT NULL,
    benefit numeric(12, 2) NOT NULL,
    refund numeric(12, 2) NOT NULL,
    content_sha256 text NOT NULL,
    left_out_people uuid[] NOT NULL,
    supersedes_id uuid,
    superseded_at timestamptz,
    correction_reason text,
    recorded_at timestamptz NOT NULL DEFAULT app_now(),
    recorded_by uuid NOT NULL DEFAULT app_client(),
    CONSTRAINT month_statements_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT month_statements_institution_fkey FOREIGN KEY (institution_id) REFERENCES institutions (id),
    CONSTRAINT month_statements_supersedes_fkey FOREIGN KEY (tenant_id, supersedes_id) REFERENCES month_statements (tenant_id, id),
    CONSTRAINT month_statements_supersedes_key UNIQUE (tenant_id, supersedes_id),
    CONSTRAINT month_statements_sides_check CHECK (institution_id <> tenant_id),
    CONSTRAINT month_statements_month_check CHECK (EXTRACT(day FROM month_on) = 1),
    CONSTRAINT month_statements_source_check CHECK (source IN ('posted', 'settlements')),
    CONSTRAINT month_statements_counts_check CHECK (people_count >= 0 AND minutes >= 0 AND minutes % 15 = 0),
    CONSTRAINT month_statements_correction_check CHECK ((supersedes_id IS NULL) = (correction_reason IS NULL))
);
COMMENT ON TABLE month_statements IS 'What an institution settles of a month of socially useful work with another one (art. 73a(5) of the Act of 20 April 2004), by pseudonyms of a key that only these two have. A correction is a further statement.';
COMMENT ON COLUMN month_statements.institution_id IS 'The institution that it is made for.';
COMMENT ON COLUMN month_statements.key_id IS 'Which key of the pair the pseudonyms are made with.';
COMMENT ON COLUMN month_statements.content_sha256 IS 'Hash of the lines in the order of their pseudonyms.';
COMMENT ON COLUMN month_statements.left_out_people IS 'People of approved settlements without a PESEL, who therefore have no pseudonym.';
CREATE UNIQUE INDEX month_statements_current_key ON month_statements (tenant_id, institution_id, month_on) WHERE superseded_at IS NULL;
SELECT protect_tenant_table('month_statements');
GRANT UPDATE (superseded_at) ON month_statements TO pai_service;

CREATE TABLE month_statement_lines (
    tenant_id uuid NOT NULL DEFAULT app_tenant(),
    id uuid NOT NULL,
    statement_id uuid NOT NULL,
    pseudonym bytea NOT NULL,
    person_id uuid,
    minutes integer NOT NULL,
    benefit numeric(12, 2) NOT NULL,
    refund numeric(12, 2) NOT NULL,
    CONSTRAINT month_statement_lines_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT month_statement_lines_statement_fkey FOREIGN KEY (tenant_id, statement_id) REFERENCES month_statements (tenant_id, id),
    CONSTRAINT month_statement_lines_person_fkey FOREIGN KEY (tenant_id, person_id) REFERENCES people (tenant_id, id),
    CONSTRAINT month_statement_lines_pseudonym_key UNIQUE (tenant_id, statement_id, pseudonym),
    CONSTRAINT month_statement_lines_pseudonym_check CHECK (octet_length(pseudonym) = 32),
    CONSTRAINT month_statement_lines_minutes_check CHECK (minutes >= 0 AND minutes % 15 = 0)
);
COMMENT ON TABLE month_statement_lines IS 'One person in a statement of a month.';
COMMENT ON COLUMN month_statement_lines.pseudonym IS 'HMAC-SHA-256 of the PESEL under the key of the pair.';
COMMENT ON COLUMN month_statement_lines.person_id IS 'Who it is, where the statement was made from this tenant''s own settlements; never told to the other side.';
CREATE INDEX month_statement_lines_person_idx ON month_statement_lines (tenant_id, person_id, id) WHERE person_id IS NOT NULL;
SELECT protect_tenant_table('month_statement_lines');

CREATE TABLE reconciliation_protocols (
    tenant_id uuid NOT NULL DEFAULT app_tenant(),
    id uuid NOT NULL,
    institution_id uuid NOT NULL,
    month_on date NOT NULL,
    number integer NOT NULL,
    own_sha256 text NOT NULL,
    other_sha256 text NOT NULL,
    difference_count integer NOT NULL,
    acceptance_reason text,
    signed_on date NOT NULL,
    superseded_at timestamptz,
    recorded_at timestamptz NOT NULL DEFAULT app_now(),
    recorded_by uuid NOT NULL DEFAULT app_client(),
    CONSTRAINT reconciliation_protocols_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT reconciliation_protocols_institution_fkey FOREIGN KEY (institution_id) REFERENCES institutions (id),
    CONSTRAINT reconciliation_protocols_sides_check CHECK (institution_id <> tenant_id),
    CONSTRAINT reconciliation_protocols_month_check CHECK (EXTRACT(day FROM month_on) = 1),
    CONSTRAINT reconciliation_protocols_number_check CHECK (number > 0),
    CONSTRAINT reconciliation_protocols_acceptance_check CHECK (difference_count >= 0 AND (difference_count > 0) = (acceptance_reason IS NOT NULL))
);
COMMENT ON TABLE reconciliation_protocols IS 'One side''s signature under the protocol of a month: which two statements it agrees to. Signed by both sides about the same two, the month is closed.';
COMMENT ON COLUMN reconciliation_protocols.number IS 'Number of the protocol among those of the two institutions in the year of the month; the same on both sides.';
COMMENT ON COLUMN reconciliation_protocols.superseded_at IS 'When the side signed again, because a statement had changed.';
CREATE UNIQUE INDEX reconciliation_protocols_current_key ON reconciliation_protocols (tenant_id, institution_id, month_on) WHERE superseded_at IS NULL;
SELECT protect_tenant_table('reconciliation_protocols');
GRANT UPDATE (superseded_at) ON reconciliation_protocols TO pai_service;

-- The head of the other side's statement that is made for the one that asks.
CREATE FUNCTION other_side_statement(other uuid, month_first date)
    RETURNS TABLE (key_id text, people_count integer, minutes integer, benefit numeric, refund numeric, content_sha256 text, recorded_at timestamptz)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public
    AS $$ SELECT s.key_id, s.people_count, s.minutes, s.benefit, s.refund, s.content_sha256, s.recorded_at
            FROM public.month_statements s
           WHERE s.tenant_id = other_side_statement.other AND s.institution_id = public.app_tenant()
             AND s.month_on = other_side_statement.month_first AND s.superseded_at IS NULL $$;
REVOKE ALL ON FUNCTION other_side_statement(uuid, date) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION other_side_statement(uuid, date) TO pai_service;

-- Where the two statements differ: nothing is told of those about whom they agree, and of those whom only one side has
-- no more than the pseudonym.
CREATE FUNCTION month_differences(other uuid, month_first date)
    RETURNS TABLE (pseudonym bytea, kind text, own_minutes integer, other_minutes integer,
        own_benefit numeric, other_benefit numeric, own_refund numeric, other_refund numeric)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public
    AS $$ WITH own AS (
                SELECT l.* FROM public.month_statements s
                  JOIN public.month_statement_lines l ON l.tenant_id = s.tenant_id AND l.statement_id = s.id
                 WHERE s.tenant_id = public.app_tenant() AND s.institution_id = month_differences.other
                   AND s.month_on = month_differences.month_first AND s.superseded_at IS NULL),
            theirs AS (
                SELECT l.* FROM public.month_statements s
                  JOIN public.month_statement_lines l ON l.tenant_id = s.tenant_id AND l.statement_id = s.id
                 WHERE s.tenant_id = month_differences.other AND s.institution_id = public.app_tenant()
                   AND s.month_on = month_differences.month_first AND s.superseded_at IS NULL),
            both_sides AS (
                SELECT coalesce(o.pseudonym, t.pseudonym) AS pseudonym, o.id IS NOT NULL AS is_own, t.id IS NOT NULL AS is_theirs,
                       o.minutes AS own_minutes, t.minutes AS other_minutes, o.benefit AS own_benefit, t.benefit AS other_benefit,
                       o.refund AS own_refund, t.refund AS other_refund
                  FROM own o FULL JOIN theirs t ON t.pseudonym = o.pseudonym)
          SELECT b.pseudonym,
                 CASE WHEN NOT b.is_own THEN 'missing' WHEN NOT b.is_theirs THEN 'extra' ELSE 'different' END,
                 CASE WHEN b.is_own AND b.is_theirs THEN b.own_minutes END, CASE WHEN b.is_own AND b.is_theirs THEN b.other_minutes END,
                 CASE WHEN b.is_own AND b.is_theirs THEN b.own_benefit END, CASE WHEN b.is_own AND b.is_theirs THEN b.other_benefit END,
                 CASE WHEN b.is_own AND b.is_theirs THEN b.own_refund END, CASE WHEN b.is_own AND b.is_theirs THEN b.other_refund END
            FROM both_sides b
           WHERE NOT b.is_own OR NOT b.is_theirs
              OR (b.own_minutes, b.own_benefit, b.own_refund) <> (b.other_minutes, b.other_benefit, b.other_refund)
           ORDER BY b.pseudonym $$;
REVOKE ALL ON FUNCTION month_differences(uuid, date) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION month_differences(uuid, date) TO pai_service;

-- What the other side has signed about the one that asks.
CREATE FUNCTION other_side_signature(other uuid, month_first date)
    RETURNS TABLE (number integer, own_sha256 text, other_sha256 text, signed_on date)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public
    AS $$ SELECT p.number, p.own_sha256, p.other_sha256, p.signed_on
            FROM public.reconciliation_protocols p
           WHERE p.tenant_id = other_side_signature.other AND p.institution_id = public.app_tenant()
             AND p.month_on = other_side_signature.month_first AND p.superseded_at IS NULL $$;
REVOKE ALL ON FUNCTION other_side_signature(uuid, date) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION other_side_signature(uuid, date) TO pai_service;

-- The highest number that either side has used with the other in the year of a month.
CREATE FUNCTION last_protocol_number(other uuid, month_first date) RETURNS integer
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, public
    AS $$ SELECT coalesce(max(p.number), 0)
            FROM public.reconciliation_protocols p
           WHERE ((p.tenant_id = public.app_tenant() AND p.institution_id = last_protocol_number.other)
               OR (p.tenant_id = last_protocol_number.other AND p.institution_id = public.app_tenant()))
             AND date_trunc('year', p.month_on) = date_trunc('year', last_protocol_number.month_first) $$;
REVOKE ALL ON FUNCTION last_protocol_number(uuid, date) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION last_protocol_number(uuid, date) TO pai_service;
