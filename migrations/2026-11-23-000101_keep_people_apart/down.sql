CREATE OR REPLACE TRIGGER seat_participation AFTER INSERT OR UPDATE OF starts_on, planned_end_on, ended_on ON participations
    FOR EACH ROW EXECUTE FUNCTION seat_participation();
CREATE OR REPLACE FUNCTION renew_seats(tenant uuid, edition uuid, session uuid, participation uuid) RETURNS void
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('seats ' || tenant || edition, 0));
    DELETE FROM session_seats t
     WHERE t.tenant_id = tenant AND t.edition_id = renew_seats.edition
       AND (session IS NULL OR t.session_id = session) AND (participation IS NULL OR t.participation_id = participation);
    INSERT INTO session_seats (tenant_id, edition_id, session_id, participation_id, held_on, starts_at, ends_at)
        SELECT tenant, s.edition_id, s.id, p.id, s.held_on, s.starts_at, s.ends_at
          FROM sessions s
          JOIN participations p ON p.tenant_id = tenant AND p.edition_id = s.edition_id
           AND p.starts_on <= s.held_on AND coalesce(p.ended_on, p.planned_end_on) >= s.held_on
         WHERE s.tenant_id = tenant AND s.edition_id = renew_seats.edition AND s.ends_at IS NOT NULL AND s.cancelled_on IS NULL
           AND (session IS NULL OR s.id = session) AND (participation IS NULL OR p.id = participation)
           AND (NOT s.roster_limited
                OR EXISTS (SELECT FROM group_members m WHERE m.tenant_id = tenant AND m.group_id = s.group_id AND m.participation_id = p.id
                              AND m.valid_from_on <= s.held_on AND coalesce(m.valid_to_on, 'infinity') >= s.held_on)
                OR EXISTS (SELECT FROM session_roster r WHERE r.tenant_id = tenant AND r.session_id = s.id AND r.participation_id = p.id));
END $$;
DROP INDEX session_seats_of_person_idx;
ALTER TABLE session_seats
    DROP CONSTRAINT session_seats_person_excl, DROP COLUMN person_id, DROP COLUMN clashed_before,
    ADD CONSTRAINT session_seats_participation_excl EXCLUDE USING gist
        (tenant_id WITH =, participation_id WITH =, tsrange(held_on + starts_at, held_on + ends_at) WITH &&);
