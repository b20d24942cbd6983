-- What an office refuses opens a duty again while its incident stands, and a message meets no duty of a day to come.

GRANT UPDATE (incident_id) ON information_duties TO pai_service;

CREATE OR REPLACE FUNCTION discharge_told_duties(town uuid, edition uuid, person uuid) RETURNS void LANGUAGE sql SET search_path = pg_catalog, public AS $$
    WITH told AS (
        SELECT DISTINCT ON (d.id) d.id AS duty, n.id AS notice, n.message_id, n.letter_number, greatest(n.told_on, d.arisen_on) AS told_on
          FROM information_duties d
          JOIN participations p ON p.tenant_id = d.tenant_id AND p.id = d.participation_id
          JOIN duty_notices n ON n.tenant_id = d.tenant_id AND n.edition_id = d.edition_id AND n.person_id = p.person_id
               AND n.duty = d.duty AND n.recipient = d.recipient AND d.occurred_on BETWEEN n.from_on AND n.to_on AND n.revoked_on IS NULL
               -- An absence that goes on is told with days to come; of these nobody knows yet.
               AND d.occurred_on <= n.told_on
         WHERE d.tenant_id = discharge_told_duties.town AND d.edition_id = discharge_told_duties.edition
           AND p.person_id = discharge_told_duties.person AND d.discharged_on IS NULL AND d.withdrawn_on IS NULL
         ORDER BY d.id, n.told_on, n.id)
    UPDATE information_duties d
       SET discharged_on = told.told_on, channel = 'message', letter_number = told.letter_number, message_id = told.message_id, notice_id = told.notice
      FROM told WHERE d.tenant_id = discharge_told_duties.town AND d.id = told.duty $$;

-- Where the incident of a duty was withdrawn: that of the same which was recorded anew, if any.
CREATE FUNCTION recorded_anew(town uuid, incident uuid) RETURNS uuid LANGUAGE sql STABLE SET search_path = pg_catalog, public AS $$
    SELECT again.id FROM incidents i
      JOIN incidents again ON again.tenant_id = i.tenant_id AND again.participation_id = i.participation_id AND again.kind = i.kind
           AND again.occurred_on = i.occurred_on AND again.withdrawn_on IS NULL
     WHERE i.tenant_id = recorded_anew.town AND i.id = recorded_anew.incident AND i.withdrawn_on IS NOT NULL $$;

CREATE OR REPLACE FUNCTION follow_notice() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, public AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        -- What was told stayed on file when its incident was withdrawn; now nobody was told, and nobody has to be.
        UPDATE information_duties d
           SET discharged_on = NULL, channel = NULL, letter_number = NULL, message_id = NULL, notice_id = NULL, withdrawn_on = i.withdrawn_on
          FROM incidents i
         WHERE d.tenant_id = new.tenant_id AND d.notice_id = new.id AND i.tenant_id = d.tenant_id AND i.id = d.incident_id
           AND i.withdrawn_on IS NOT NULL AND recorded_anew(d.tenant_id, d.incident_id) IS NULL;
        UPDATE information_duties d
           SET discharged_on = NULL, channel = NULL, letter_number = NULL, message_id = NULL, notice_id = NULL,
               reopened_on = new.revoked_on, reopened_by_id = new.revoked_by_id,
               incident_id = coalesce(recorded_anew(d.tenant_id, d.incident_id), d.incident_id)
         WHERE d.tenant_id = new.tenant_id AND d.notice_id = new.id;
    END IF;
    PERFORM discharge_told_duties(new.tenant_id, new.edition_id, new.person_id);
    RETURN NULL;
END $$;

-- Duties that were opened again for an incident that had been withdrawn.
UPDATE information_duties d SET incident_id = recorded_anew(d.tenant_id, d.incident_id)
 WHERE d.discharged_on IS NULL AND d.withdrawn_on IS NULL AND recorded_anew(d.tenant_id, d.incident_id) IS NOT NULL;
UPDATE information_duties d SET withdrawn_on = i.withdrawn_on
  FROM incidents i
 WHERE i.tenant_id = d.tenant_id AND i.id = d.incident_id AND i.withdrawn_on IS NOT NULL AND d.discharged_on IS NULL AND d.withdrawn_on IS NULL;
