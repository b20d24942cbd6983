DROP TRIGGER queue_for_timetable ON sessions;
DROP TRIGGER queue_for_changed_timetable ON sessions;
DROP TRIGGER seat_session ON sessions;
DROP TRIGGER seat_changed_session ON sessions;
DROP TRIGGER seat_roster ON session_roster;
DROP TRIGGER seat_participation ON participations;
DROP TABLE session_seats, session_changes;
-- Predicates of exclusion constraints keep their columns.
ALTER TABLE sessions
    DROP CONSTRAINT sessions_facilitator_excl, DROP CONSTRAINT sessions_room_excl, DROP CONSTRAINT sessions_group_excl,
    DROP CONSTRAINT sessions_everyone_excl;
DROP INDEX sessions_group_idx, sessions_facilitator_idx;
ALTER TABLE sessions
    DROP COLUMN ends_at, DROP COLUMN lesson_hours, DROP COLUMN group_id, DROP COLUMN room, DROP COLUMN facilitator,
    DROP COLUMN schedule_version, DROP COLUMN rescheduled_at, DROP COLUMN cancelled_on, DROP COLUMN cancellation_reason;
COMMENT ON TABLE sessions IS 'Held classes and consultations of a block.';
COMMENT ON COLUMN sessions.minutes IS NULL;
COMMENT ON COLUMN sessions.roster_limited IS 'Only the people of session_roster are expected, not all who take part on the day.';
REVOKE UPDATE (held_on, starts_at, venue) ON sessions FROM pai_service;
DROP TABLE group_members, edition_groups;
DROP FUNCTION queue_for_timetable(), seat_session(), seat_roster(), seat_member(), seat_participation();
DROP FUNCTION renew_seats(uuid, uuid, uuid, uuid);
