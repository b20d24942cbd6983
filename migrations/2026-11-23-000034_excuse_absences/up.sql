-- Excuses of absences: why, by which evidence, shown when, and until when they can be justified.

ALTER TABLE attendance
    ADD COLUMN evidence text,
    ADD COLUMN evidence_shown_on date,
    ADD COLUMN excuse_due_on date,
    DROP CONSTRAINT attendance_reason_check,
    ADD CONSTRAINT attendance_reason_check CHECK (reason_class IN ('health', 'care', 'official', 'jobInterview', 'other') AND (reason_class IS NULL OR status = 'excused')),
    ADD CONSTRAINT attendance_evidence_check CHECK (evidence IN ('medicalCertificate', 'summons', 'confirmation', 'statement', 'other') AND (evidence IS NULL OR status = 'excused')),
    ADD CONSTRAINT attendance_evidence_shown_check CHECK (evidence_shown_on IS NULL OR evidence IS NOT NULL),
    ADD CONSTRAINT attendance_excuse_due_check CHECK (excuse_due_on IS NULL OR status IN ('excused', 'unexcused'));
COMMENT ON COLUMN attendance.evidence IS 'Kind of paper that the excuse rests on; nothing of what stands in it.';
COMMENT ON COLUMN attendance.evidence_shown_on IS 'Day on which it was shown; nothing while it is awaited.';
COMMENT ON COLUMN attendance.excuse_due_on IS 'Last day to justify the absence, as the regime said when the row was recorded.';

-- Who does not report and says within 7 days why is justified (art. 33(4)(4) of the Act of 20 April 2004 on the promotion
-- of employment, of appointments at the labour office); the same time is given for absences from classes.
UPDATE regimes SET parameters = parameters || '{"absence": {"excuseDays": 7}}'
 WHERE tenant_id = '00000000-0000-0000-0000-000000000000' AND code IN ('PAI-2014', 'PAI-2019') AND version = 1;

CREATE INDEX attendance_absent_idx ON attendance (tenant_id, edition_id, id) WHERE superseded_at IS NULL AND minutes = 0;

-- As before, with what excuses rest on.
DROP FUNCTION insert_attendance(uuid, uuid, uuid[], uuid[], text[], integer[], text[], uuid[], text);
CREATE FUNCTION insert_attendance(session uuid, edition uuid, ids uuid[], participations uuid[], statuses text[], durations integer[],
                                  reasons text[], evidences text[], shown date[], due date, replaced uuid[], correction text)
    RETURNS TABLE (id uuid, participation_id uuid, status text, minutes integer, reason_class text, evidence text, evidence_shown_on date,
                   excuse_due_on date, supersedes_id uuid, superseded_at timestamptz, correction_reason text, recorded_at timestamptz)
    LANGUAGE plpgsql VOLATILE ROWS 15 AS $$
#variable_conflict use_column
BEGIN
    RETURN QUERY
        INSERT INTO attendance AS a (id, session_id, edition_id, participation_id, status, minutes, reason_class, evidence, evidence_shown_on,
                                     excuse_due_on, supersedes_id, correction_reason)
            SELECT r.id, session, edition, r.participation, r.status, r.duration, r.reason, r.evidence, r.shown,
                   CASE WHEN r.status IN ('excused', 'unexcused') THEN due END, r.supersedes, correction
              FROM unnest(ids, participations, statuses, durations, reasons, evidences, insert_attendance.shown, replaced)
                AS r (id, participation, status, duration, reason, evidence, shown, supersedes)
            RETURNING a.id, a.participation_id, a.status, a.minutes, a.reason_class, a.evidence, a.evidence_shown_on,
                      a.excuse_due_on, a.supersedes_id, a.superseded_at, a.correction_reason, a.recorded_at;
END $$;
