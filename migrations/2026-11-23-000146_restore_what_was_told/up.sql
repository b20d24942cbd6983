-- A correction that is refused as a whole took nothing back: what was told before it discharges its duties again.

CREATE TRIGGER follow_restored_notice AFTER UPDATE OF revoked_on ON duty_notices FOR EACH ROW
    WHEN (old.revoked_on IS NOT NULL AND new.revoked_on IS NULL) EXECUTE FUNCTION follow_notice();

-- Whether a message was refused as a whole, whatever became of it afterwards.
CREATE FUNCTION was_refused(town uuid, message uuid) RETURNS boolean LANGUAGE sql STABLE SET search_path = pg_catalog, public AS $$
    SELECT EXISTS (SELECT FROM message_steps s
                    WHERE s.tenant_id = was_refused.town AND s.message_id = was_refused.message AND s.state = 'refused') $$;

-- What a message that its receiver refused, and refused ones before it, had taken back, as far as no correction of them says otherwise.
CREATE FUNCTION restore_notices(town uuid, message uuid) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
DECLARE
    refused uuid[];
BEGIN
    WITH RECURSIVE earlier AS (
        SELECT m.id, m.corrects_id FROM messages m
         WHERE m.tenant_id = restore_notices.town AND m.id = restore_notices.message
           AND m.sender_tenant_id = m.tenant_id AND m.office_tenant_id = app_tenant() AND was_refused(m.tenant_id, m.id)
        UNION ALL
        SELECT m.id, m.corrects_id FROM messages m JOIN earlier ON m.id = earlier.corrects_id
         WHERE m.tenant_id = restore_notices.town AND was_refused(m.tenant_id, m.id)),
    later AS (
        SELECT m.id FROM messages m
         WHERE m.tenant_id = restore_notices.town AND m.corrects_id = restore_notices.message AND m.sent_on IS NOT NULL
        UNION ALL
        SELECT m.id FROM messages m JOIN later ON m.corrects_id = later.id
         WHERE m.tenant_id = restore_notices.town AND m.sent_on IS NOT NULL)
    SELECT array_agg(earlier.id) INTO refused FROM earlier
     WHERE NOT EXISTS (SELECT FROM later WHERE NOT was_refused(restore_notices.town, later.id));
    -- Whoever adds a duty about the same people holds their participations.
    PERFORM p.id FROM participations p
       JOIN duty_notices n ON n.tenant_id = p.tenant_id AND n.edition_id = p.edition_id AND n.person_id = p.person_id
      WHERE n.tenant_id = restore_notices.town AND n.revoked_by_id = ANY (refused)
      ORDER BY p.id FOR UPDATE OF p;
    UPDATE duty_notices n SET revoked_on = NULL, revoked_by_id = NULL
     WHERE n.tenant_id = restore_notices.town AND n.revoked_by_id = ANY (refused) AND n.message_id <> n.revoked_by_id;
END $$;
REVOKE ALL ON FUNCTION restore_notices(uuid, uuid) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION restore_notices(uuid, uuid) TO pai_service;
