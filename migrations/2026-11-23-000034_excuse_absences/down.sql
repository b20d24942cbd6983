DROP FUNCTION insert_attendance(uuid, uuid, uuid[], uuid[], text[], integer[], text[], text[], date[], date, uuid[], text);
CREATE FUNCTION insert_attendance(session uuid, edition uuid, ids uuid[], participations uuid[], statuses text[], durations integer[],
                                  reasons text[], replaced uuid[], correction text)
    RETURNS TABLE (id uuid, participation_id uuid, status text, minutes integer, reason_class text,
                   supersedes_id uuid, superseded_at timestamptz, correction_reason text, recorded_at timestamptz)
    LANGUAGE plpgsql VOLATILE ROWS 15 AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
        INSERT INTO attendance AS a (id, session_id, edition_id, participation_id, status, minutes, reason_class, supersedes_id, correction_reason)
            SELECT r.id, session, edition, r.participation, r.status, r.duration, r.reason, r.supersedes, correction
              FROM unnest(ids, participations, statuses, durations, reasons, replaced)
                AS r (id, participation, status, duration, reason, supersedes)
            RETURNING a.id, a.participation_id, a.status, a.minutes, a.reason_class,
                      a.supersedes_id, a.superseded_at, a.correction_reason, a.recorded_at;
END $$;
DROP INDEX attendance_absent_idx;
UPDATE regimes SET parameters = parameters - 'absence'
 WHERE tenant_id = '00000000-0000-0000-0000-000000000000' AND code IN ('PAI-2014', 'PAI-2019') AND version = 1;
-- What only the later columns can say stays as near as the earlier ones allow.
UPDATE attendance SET reason_class = 'other' WHERE reason_class = 'jobInterview';
ALTER TABLE attendance
    DROP COLUMN evidence, DROP COLUMN evidence_shown_on, DROP COLUMN excuse_due_on,
    DROP CONSTRAINT attendance_reason_check,
    ADD CONSTRAINT attendance_reason_check CHECK (reason_class IN ('health', 'care', 'official', 'other') AND (reason_class IS NULL OR status = 'excused'));
