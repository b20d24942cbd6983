CREATE OR REPLACE FUNCTION follow_notice() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, public AS $$
BEGIN
    IF TG_OP = 'UPDATE' THEN
        UPDATE information_duties d
           SET discharged_on = NULL, channel = NULL, letter_number = NULL, message_id = NULL, notice_id = NULL,
               reopened_on = new.revoked_on, reopened_by_id = new.revoked_by_id
         WHERE d.tenant_id = new.tenant_id AND d.notice_id = new.id;
    END IF;
    PERFORM discharge_told_duties(new.tenant_id, new.edition_id, new.person_id);
    RETURN NULL;
END $$;
DROP FUNCTION recorded_anew(uuid, uuid);
CREATE OR REPLACE FUNCTION discharge_told_duties(town uuid, edition uuid, person uuid) RETURNS void LANGUAGE sql SET search_path = pg_catalog, public AS $$
    WITH told AS (
        SELECT DISTINCT ON (d.id) d.id AS duty, n.id AS notice, n.message_id, n.letter_number, greatest(n.told_on, d.arisen_on) AS told_on
          FROM information_duties d
          JOIN participations p ON p.tenant_id = d.tenant_id AND p.id = d.participation_id
          JOIN duty_notices n ON n.tenant_id = d.tenant_id AND n.edition_id = d.edition_id AND n.person_id = p.person_id
               AND n.duty = d.duty AND n.recipient = d.recipient AND d.occurred_on BETWEEN n.from_on AND n.to_on AND n.revoked_on IS NULL
         WHERE d.tenant_id = discharge_told_duties.town AND d.edition_id = discharge_told_duties.edition
           AND p.person_id = discharge_told_duties.person AND d.discharged_on IS NULL AND d.withdrawn_on IS NULL
         ORDER BY d.id, n.told_on, n.id)
    UPDATE information_duties d
       SET discharged_on = told.told_on, channel = 'message', letter_number = told.letter_number, message_id = told.message_id, notice_id = told.notice
      FROM told WHERE d.tenant_id = discharge_told_duties.town AND d.id = told.duty $$;
REVOKE UPDATE (incident_id) ON information_duties FROM pai_service;
