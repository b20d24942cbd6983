-- The timetable of an edition: groups with their members, sessions with times, rooms and leaders, and no clashes among them.

CREATE TABLE edition_groups (
    tenant_id uuid NOT NULL DEFAULT app_tenant(),
    id uuid NOT NULL,
    edition_id uuid NOT NULL,
    name text NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT app_now(),
    recorded_by uuid NOT NULL DEFAULT app_client(),
    CONSTRAINT edition_groups_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT edition_groups_edition_fkey FOREIGN KEY (tenant_id, edition_id) REFERENCES editions (tenant_id, id),
    CONSTRAINT edition_groups_edition_id_key UNIQUE (tenant_id, edition_id, id),
    CONSTRAINT edition_groups_name_key UNIQUE (tenant_id, edition_id, name)
);
COMMENT ON TABLE edition_groups IS 'Groups of an edition (Polish: grupa zajęciowa), for which sessions are held.';
SELECT protect_tenant_table('edition_groups');

CREATE TABLE group_members (
    tenant_id uuid NOT NULL DEFAULT app_tenant(),
    id uuid NOT NULL,
    edition_id uuid NOT NULL,
    group_id uuid NOT NULL,
    participation_id uuid NOT NULL,
    valid_from_on date NOT NULL,
    valid_to_on date,
    recorded_at timestamptz NOT NULL DEFAULT app_now(),
    recorded_by uuid NOT NULL DEFAULT app_client(),
    CONSTRAINT group_members_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT group_members_group_fkey FOREIGN KEY (tenant_id, edition_id, group_id) REFERENCES edition_groups (tenant_id, edition_id, id),
    CONSTRAINT group_members_participation_fkey FOREIGN KEY (tenant_id, edition_id, participation_id) REFERENCES participations (tenant_id, edition_id, id),
    CONSTRAINT group_members_period_check CHECK (valid_to_on >= valid_from_on),
    CONSTRAINT group_members_overlap_excl EXCLUDE USING gist
        (tenant_id WITH =, group_id WITH =, participation_id WITH =, daterange(valid_from_on, valid_to_on, '[]') WITH &&)
);
COMMENT ON TABLE group_members IS 'Who belongs to a group from when to when; the people expected at its sessions follow it.';
CREATE INDEX group_members_group_idx ON group_members (tenant_id, group_id, id);
CREATE INDEX group_members_participation_idx ON group_members (tenant_id, participation_id);
SELECT protect_tenant_table('group_members');
GRANT UPDATE (valid_to_on) ON group_members TO pai_service;

ALTER TABLE sessions
    ADD COLUMN ends_at time,
    ADD COLUMN lesson_hours integer,
    ADD COLUMN group_id uuid,
    ADD COLUMN room text,
    ADD COLUMN facilitator text,
    ADD COLUMN schedule_version integer NOT NULL DEFAULT 1,
    ADD COLUMN rescheduled_at timestamptz,
    ADD COLUMN cancelled_on date,
    ADD COLUMN cancellation_reason text,
    ADD CONSTRAINT sessions_group_fkey FOREIGN KEY (tenant_id, edition_id, group_id) REFERENCES edition_groups (tenant_id, edition_id, id),
    -- A lesson hour (Polish: godzina lekcyjna) has 45 minutes.
    ADD CONSTRAINT sessions_lesson_hours_check CHECK (lesson_hours * 45 = minutes),
    ADD CONSTRAINT sessions_times_check CHECK (ends_at IS NULL OR (starts_at IS NOT NULL AND extract(epoch FROM ends_at - starts_at) >= minutes * 60)),
    ADD CONSTRAINT sessions_group_check CHECK (group_id IS NULL OR (roster_limited AND form = 'group')),
    ADD CONSTRAINT sessions_cancellation_check CHECK ((cancelled_on IS NULL) = (cancellation_reason IS NULL)),
    ADD CONSTRAINT sessions_cancellation_reason_check CHECK (cancellation_reason IN ('facilitator', 'participants', 'venue', 'weather', 'holiday', 'mistake', 'other')),
    -- Whoever was there cannot have been at what was not held.
    ADD CONSTRAINT sessions_held_check CHECK (cancelled_on IS NULL OR attendance_version = 0),
    ADD CONSTRAINT sessions_facilitator_excl EXCLUDE USING gist
        (tenant_id WITH =, facilitator WITH =, tsrange(held_on + starts_at, held_on + ends_at) WITH &&) WHERE (cancelled_on IS NULL AND ends_at IS NOT NULL),
    ADD CONSTRAINT sessions_room_excl EXCLUDE USING gist
        (tenant_id WITH =, lower(coalesce(venue, '')) WITH =, lower(room) WITH =, tsrange(held_on + starts_at, held_on + ends_at) WITH &&)
        WHERE (cancelled_on IS NULL AND ends_at IS NOT NULL),
    ADD CONSTRAINT sessions_group_excl EXCLUDE USING gist
        (tenant_id WITH =, group_id WITH =, tsrange(held_on + starts_at, held_on + ends_at) WITH &&) WHERE (cancelled_on IS NULL AND ends_at IS NOT NULL),
    ADD CONSTRAINT sessions_everyone_excl EXCLUDE USING gist
        (tenant_id WITH =, edition_id WITH =, tsrange(held_on + starts_at, held_on + ends_at) WITH &&)
        WHERE (cancelled_on IS NULL AND ends_at IS NOT NULL AND NOT roster_limited);
COMMENT ON TABLE sessions IS 'Planned and held classes and consultations of a block.';
COMMENT ON COLUMN sessions.ends_at IS 'When it ends, breaks included. Sessions without it, such as those recorded before the timetable, clash with nothing.';
COMMENT ON COLUMN sessions.minutes IS 'Minutes of teaching, without breaks.';
COMMENT ON COLUMN sessions.lesson_hours IS 'Where the length was agreed in lesson hours of 45 minutes: how many; the minutes follow from them.';
COMMENT ON COLUMN sessions.roster_limited IS 'Only a group or the people of session_roster are expected, not all who take part on the day.';
COMMENT ON COLUMN sessions.facilitator IS 'The centre''s own code of the leader; no name.';
COMMENT ON COLUMN sessions.schedule_version IS 'Grows when the session is moved or cancelled; calendars see it as SEQUENCE.';
GRANT UPDATE (held_on, starts_at, ends_at, venue, room, facilitator, schedule_version, rescheduled_at, cancelled_on, cancellation_reason) ON sessions TO pai_service;
CREATE INDEX sessions_group_idx ON sessions (tenant_id, group_id, held_on) WHERE group_id IS NOT NULL;
CREATE INDEX sessions_facilitator_idx ON sessions (tenant_id, facilitator, held_on) WHERE facilitator IS NOT NULL;

CREATE TABLE session_changes (
    tenant_id uuid NOT NULL DEFAULT app_tenant(),
    id uuid NOT NULL,
    session_id uuid NOT NULL,
    kind text NOT NULL,
    schedule_version integer NOT NULL,
    effective_on date NOT NULL,
    before jsonb NOT NULL,
    reason text NOT NULL,
    recorded_at timestamptz NOT NULL DEFAULT app_now(),
    recorded_by uuid NOT NULL DEFAULT app_client(),
    CONSTRAINT session_changes_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT session_changes_session_fkey FOREIGN KEY (tenant_id, session_id) REFERENCES sessions (tenant_id, id),
    CONSTRAINT session_changes_version_key UNIQUE (tenant_id, session_id, schedule_version),
    CONSTRAINT session_changes_kind_check CHECK (kind IN ('rescheduled', 'cancelled')),
    CONSTRAINT session_changes_version_check CHECK (schedule_version > 1)
);
COMMENT ON TABLE session_changes IS 'How sessions were moved and cancelled; append-only.';
COMMENT ON COLUMN session_changes.before IS 'Day, times, place and leader as they stood before.';
SELECT protect_tenant_table('session_changes');

CREATE TABLE session_seats (
    tenant_id uuid NOT NULL DEFAULT app_tenant(),
    edition_id uuid NOT NULL,
    session_id uuid NOT NULL,
    participation_id uuid NOT NULL,
    held_on date NOT NULL,
    starts_at time NOT NULL,
    ends_at time NOT NULL,
    CONSTRAINT session_seats_pkey PRIMARY KEY (tenant_id, session_id, participation_id),
    CONSTRAINT session_seats_session_fkey FOREIGN KEY (tenant_id, edition_id, session_id) REFERENCES sessions (tenant_id, edition_id, id),
    CONSTRAINT session_seats_participation_fkey FOREIGN KEY (tenant_id, edition_id, participation_id) REFERENCES participations (tenant_id, edition_id, id),
    CONSTRAINT session_seats_participation_excl EXCLUDE USING gist
        (tenant_id WITH =, participation_id WITH =, tsrange(held_on + starts_at, held_on + ends_at) WITH &&)
);
COMMENT ON TABLE session_seats IS 'Who has to be where at what time: one row for each participation expected at a session that has times and is not cancelled. Kept by triggers, so that nobody can have to be at two places at once, whatever changes.';
CREATE INDEX session_seats_of_participation_idx ON session_seats (tenant_id, participation_id);
SELECT protect_tenant_table('session_seats');
REVOKE INSERT ON session_seats FROM pai_service;

-- Makes the seats of a session, of a participation, or of one at the other, anew. Everybody who changes what they follow
-- from in an edition waits here for the others, so that no two of them overlook each other.
CREATE FUNCTION renew_seats(tenant uuid, edition uuid, session uuid, participation uuid) RETURNS void
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
REVOKE ALL ON FUNCTION renew_seats(uuid, uuid, uuid, uuid) FROM PUBLIC;

CREATE FUNCTION seat_participation() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    PERFORM renew_seats(new.tenant_id, new.edition_id, NULL, new.id);
    RETURN NULL;
END $$;
CREATE TRIGGER seat_participation AFTER INSERT OR UPDATE OF starts_on, planned_end_on, ended_on ON participations
    FOR EACH ROW EXECUTE FUNCTION seat_participation();

CREATE FUNCTION seat_member() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    PERFORM renew_seats(new.tenant_id, new.edition_id, NULL, new.participation_id);
    RETURN NULL;
END $$;
CREATE TRIGGER seat_member AFTER INSERT OR UPDATE OF valid_to_on ON group_members
    FOR EACH ROW EXECUTE FUNCTION seat_member();

CREATE FUNCTION seat_roster() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    PERFORM renew_seats(new.tenant_id, new.edition_id, new.session_id, new.participation_id);
    RETURN NULL;
END $$;
CREATE TRIGGER seat_roster AFTER INSERT ON session_roster FOR EACH ROW EXECUTE FUNCTION seat_roster();

CREATE FUNCTION seat_session() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    PERFORM renew_seats(new.tenant_id, new.edition_id, new.id, NULL);
    RETURN NULL;
END $$;
CREATE TRIGGER seat_session AFTER INSERT ON sessions FOR EACH ROW WHEN (new.ends_at IS NOT NULL) EXECUTE FUNCTION seat_session();
CREATE TRIGGER seat_changed_session AFTER UPDATE OF held_on, starts_at, ends_at, cancelled_on ON sessions
    FOR EACH ROW EXECUTE FUNCTION seat_session();

-- Whoever changes the timetable of a town waits for the others: two that clash would otherwise wait for each other.
CREATE FUNCTION queue_for_timetable() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('timetable ' || new.tenant_id, 0));
    RETURN new;
END $$;
CREATE TRIGGER queue_for_timetable BEFORE INSERT ON sessions FOR EACH ROW WHEN (new.ends_at IS NOT NULL) EXECUTE FUNCTION queue_for_timetable();
CREATE TRIGGER queue_for_changed_timetable BEFORE UPDATE OF held_on, starts_at, ends_at, cancelled_on ON sessions
    FOR EACH ROW EXECUTE FUNCTION queue_for_timetable();
