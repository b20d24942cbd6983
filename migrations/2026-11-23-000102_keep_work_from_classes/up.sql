-- Nobody was at classes and at work at the same time, whichever of the two is recorded first. Clock times of work are rare
-- and sheets are not, so whoever records such work waits alone for a day of the town, while sheets of the day share it.

CREATE FUNCTION refuse_work_at_classes() RETURNS trigger
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('clock ' || new.tenant_id || new.worked_on, 0));
    -- A statement of its own after the lock, so that it sees what was committed while it waited.
    PERFORM FROM participations p
       JOIN attendance a ON a.tenant_id = p.tenant_id AND a.edition_id = p.edition_id AND a.participation_id = p.id
        AND a.superseded_at IS NULL AND a.minutes > 0
       JOIN sessions s ON s.tenant_id = a.tenant_id AND s.id = a.session_id
        AND s.held_on = new.worked_on AND s.starts_at < new.ended_at AND s.ends_at > new.started_at
      WHERE p.tenant_id = new.tenant_id AND p.person_id = new.person_id;
    IF FOUND THEN
        RAISE EXCEPTION 'work at the time of attended classes'
            USING ERRCODE = 'exclusion_violation', CONSTRAINT = 'psu_entries_classes_excl', TABLE = 'psu_entries';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER refuse_work_at_classes AFTER INSERT OR UPDATE OF person_id, worked_on, started_at, ended_at ON psu_entries
    FOR EACH ROW WHEN (new.started_at IS NOT NULL AND new.superseded_at IS NULL) EXECUTE FUNCTION refuse_work_at_classes();

CREATE FUNCTION refuse_classes_at_work() RETURNS trigger
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    day record;
BEGIN
    FOR day IN
        SELECT DISTINCT s.tenant_id, s.held_on FROM added a JOIN sessions s ON s.tenant_id = a.tenant_id AND s.id = a.session_id
         WHERE a.minutes > 0 AND s.ends_at IS NOT NULL ORDER BY s.held_on
    LOOP
        PERFORM pg_advisory_xact_lock_shared(hashtextextended('clock ' || day.tenant_id || day.held_on, 0));
        PERFORM FROM added a
           JOIN sessions s ON s.tenant_id = a.tenant_id AND s.id = a.session_id AND s.held_on = day.held_on
           JOIN participations p ON p.tenant_id = a.tenant_id AND p.id = a.participation_id
           JOIN psu_entries e ON e.tenant_id = p.tenant_id AND e.person_id = p.person_id AND e.superseded_at IS NULL AND e.started_at IS NOT NULL
            AND tsrange(e.worked_on + e.started_at, e.worked_on + e.ended_at) && tsrange(s.held_on + s.starts_at, s.held_on + s.ends_at)
          WHERE a.minutes > 0 AND a.superseded_at IS NULL;
        IF FOUND THEN
            RAISE EXCEPTION 'classes attended at the time of work'
                USING ERRCODE = 'exclusion_violation', CONSTRAINT = 'attendance_work_excl', TABLE = 'attendance';
        END IF;
    END LOOP;
    RETURN NULL;
END $$;
CREATE TRIGGER refuse_classes_at_work AFTER INSERT ON attendance REFERENCING NEW TABLE AS added
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_classes_at_work();

-- Of people who turn out to be one, what was recorded of both has to go together.
CREATE FUNCTION refuse_merged_classes_at_work() RETURNS trigger
    LANGUAGE plpgsql VOLATILE SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    day date;
BEGIN
    -- A sheet of the day that is being recorded knows the person of before.
    FOR day IN
        SELECT DISTINCT e.worked_on FROM psu_entries e
         WHERE e.tenant_id = new.tenant_id AND e.person_id = new.person_id AND e.superseded_at IS NULL AND e.started_at IS NOT NULL
         ORDER BY e.worked_on
    LOOP
        PERFORM pg_advisory_xact_lock(hashtextextended('clock ' || new.tenant_id || day, 0));
    END LOOP;
    PERFORM FROM attendance a
       JOIN sessions s ON s.tenant_id = a.tenant_id AND s.id = a.session_id
       JOIN psu_entries e ON e.tenant_id = a.tenant_id AND e.person_id = new.person_id AND e.superseded_at IS NULL
        AND e.started_at IS NOT NULL
        AND tsrange(e.worked_on + e.started_at, e.worked_on + e.ended_at) && tsrange(s.held_on + s.starts_at, s.held_on + s.ends_at)
      WHERE a.tenant_id = new.tenant_id AND a.edition_id = new.edition_id AND a.participation_id = new.id
        AND a.superseded_at IS NULL AND a.minutes > 0 AND s.ends_at IS NOT NULL;
    IF FOUND THEN
        RAISE EXCEPTION 'classes attended at the time of work'
            USING ERRCODE = 'exclusion_violation', CONSTRAINT = 'attendance_work_excl', TABLE = 'attendance';
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER refuse_merged_classes_at_work AFTER UPDATE OF person_id ON participations
    FOR EACH ROW WHEN (new.person_id <> old.person_id) EXECUTE FUNCTION refuse_merged_classes_at_work();

-- Work with clock times at the time of classes, for the people of sheets that are to be recorded.
CREATE FUNCTION work_at_classes(of_sessions uuid[], of_participations uuid[])
    RETURNS TABLE (session_id uuid, participation_id uuid, psu_entry_id uuid, started_at time, ended_at time)
    LANGUAGE sql STABLE ROWS 1 AS $$
    SELECT s.id, p.id, e.id, e.started_at, e.ended_at
      FROM unnest(of_sessions, of_participations) AS r (session, participation)
      JOIN sessions s ON s.tenant_id = app_tenant() AND s.id = r.session
      JOIN participations p ON p.tenant_id = app_tenant() AND p.id = r.participation
      JOIN psu_entries e ON e.tenant_id = app_tenant() AND e.person_id = p.person_id AND e.superseded_at IS NULL
       AND e.worked_on = s.held_on AND e.started_at < s.ends_at AND e.ended_at > s.starts_at
     ORDER BY s.id, p.id, e.id
$$;
