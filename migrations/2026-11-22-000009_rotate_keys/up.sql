-- Which index keys a row was made with, so that a rotation finds what is left to do. Unknown for older rows.
ALTER TABLE person_identities ADD COLUMN blind_index_key bytea, ADD COLUMN participation_index_key bytea;
COMMENT ON COLUMN person_identities.blind_index_key IS 'Id of the key of pesel_index and document_index.';
COMMENT ON COLUMN person_identities.participation_index_key IS 'Id of the key of participation_index.';
GRANT UPDATE (blind_index_key, participation_index_key) ON person_identities TO pai_service;

-- Sealing the same content under another key is no new version of it: a caller's If-Match stays valid.
DROP TRIGGER bump_row_version ON person_identities;
CREATE TRIGGER bump_row_version BEFORE UPDATE ON person_identities FOR EACH ROW
    WHEN (current_setting('app.resealing', true) IS DISTINCT FROM 'on') EXECUTE FUNCTION bump_row_version();

CREATE TABLE key_ring_readers (
    instance_id uuid NOT NULL,
    ring text NOT NULL,
    seen_at timestamptz NOT NULL,
    CONSTRAINT key_ring_readers_pkey PRIMARY KEY (instance_id)
);
COMMENT ON TABLE key_ring_readers IS 'Running services and the fingerprint of the key ring that all their transactions work with; a rotation waits for them.';

GRANT SELECT ON key_ring_readers TO pai_service;

-- The database's own time, because a lease must not depend on the clock of a service.
CREATE FUNCTION report_key_ring(instance uuid, ring text) RETURNS void
    LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public
    AS $$ INSERT INTO public.key_ring_readers AS r (instance_id, ring, seen_at)
          VALUES (report_key_ring.instance, report_key_ring.ring, clock_timestamp())
          ON CONFLICT (instance_id) DO UPDATE SET ring = excluded.ring, seen_at = excluded.seen_at $$;
REVOKE ALL ON FUNCTION report_key_ring(uuid, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION report_key_ring(uuid, text) TO pai_service;

CREATE FUNCTION forget_key_ring(instance uuid) RETURNS void
    LANGUAGE sql SECURITY DEFINER SET search_path = pg_catalog, public
    AS $$ DELETE FROM public.key_ring_readers WHERE instance_id = forget_key_ring.instance $$;
REVOKE ALL ON FUNCTION forget_key_ring(uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION forget_key_ring(uuid) TO pai_service;
