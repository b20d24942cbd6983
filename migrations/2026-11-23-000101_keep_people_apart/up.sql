-- Nobody can have to be at two classes at once, whichever editions of the town they belong to: seats know the person.
ALTER TABLE session_seats ADD COLUMN person_id uuid, ADD COLUMN clashed_before boolean NOT NULL DEFAULT false;
UPDATE session_seats t SET person_id = p.person_id FROM participations p WHERE p.tenant_id = t.tenant_id AND p.id = t.participation_id;
ALTER TABLE session_seats ALTER COLUMN person_id SET NOT NULL;
-- What was planned at the same time before this rule stays as it is, and is marked.
UPDATE session_seats t SET clashed_before = true
 WHERE EXISTS (SELECT FROM session_seats o
                WHERE o.tenant_id = t.tenant_id AND o.person_id = t.person_id AND (o.session_id, o.participation_id) < (t.session_id, t.participation_id)
                  AND o.held_on = t.held_on AND o.starts_at < t.ends_at AND t.starts_at < o.ends_at);
ALTER TABLE session_seats
    DROP CONSTRAINT session_seats_participation_excl,
    ADD CONSTRAINT session_seats_person_excl EXCLUDE USING gist
        (tenant_id WITH =, person_id WITH =, tsrange(held_on + starts_at, held_on + ends_at) WITH &&) WHERE (NOT clashed_before);
CREATE INDEX session_seats_of_person_idx ON session_seats (tenant_id, person_id, held_on);
COMMENT ON COLUMN session_seats.person_id IS 'Who that is: nobody can be at two places at once, whatever editions they belong to.';
COMMENT ON COLUMN session_seats.clashed_before IS 'Was planned at the same time as another seat of the person before that was refused; stays while the session keeps its time.';

-- As before, with the person; what clashed before and keeps its time goes on doing so.
CREATE OR REPLACE FUNCTION renew_seats(tenant uuid, edition uuid, session uuid, participation uuid) RETURNS void
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    clashed jsonb;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('seats ' || tenant || edition, 0));
    WITH gone AS (
        DELETE FROM session_seats t
         WHERE t.tenant_id = tenant AND t.edition_id = renew_seats.edition
           AND (session IS NULL OR t.session_id = session) AND (participation IS NULL OR t.participation_id = participation)
        RETURNING t.*
    )
    SELECT jsonb_object_agg(g.session_id || ' ' || g.participation_id, g.held_on + g.starts_at) INTO clashed FROM gone g WHERE g.clashed_before;
    INSERT INTO session_seats (tenant_id, edition_id, session_id, participation_id, person_id, held_on, starts_at, ends_at, clashed_before)
        SELECT tenant, s.edition_id, s.id, p.id, p.person_id, s.held_on, s.starts_at, s.ends_at,
               coalesce((clashed ->> (s.id || ' ' || p.id))::timestamp = s.held_on + s.starts_at, false)
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

-- People who turn out to be one get their seats anew, behind everybody who is making seats of the edition at the moment.
CREATE OR REPLACE TRIGGER seat_participation AFTER INSERT OR UPDATE OF starts_on, planned_end_on, ended_on, person_id ON participations
    FOR EACH ROW EXECUTE FUNCTION seat_participation();
