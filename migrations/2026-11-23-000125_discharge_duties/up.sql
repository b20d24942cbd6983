-- What offices were told of by messages, and which duties to inform that discharges.
--
-- A duty and a message about the same event come in any order: whichever is there second is joined with the first.

CREATE TABLE duty_notices (
    tenant_id uuid NOT NULL DEFAULT app_tenant(),
    id uuid NOT NULL,
    message_id uuid NOT NULL,
    record_id uuid NOT NULL,
    edition_id uuid NOT NULL,
    person_id uuid NOT NULL,
    duty text NOT NULL,
    recipient text NOT NULL,
    from_on date NOT NULL,
    to_on date NOT NULL,
    told_on date NOT NULL,
    letter_number text,
    revoked_on date,
    revoked_by_id uuid,
    recorded_at timestamptz NOT NULL DEFAULT app_now(),
    recorded_by uuid NOT NULL DEFAULT app_client(),
    CONSTRAINT duty_notices_pkey PRIMARY KEY (tenant_id, id),
    CONSTRAINT duty_notices_record_key UNIQUE (tenant_id, record_id, duty, recipient),
    CONSTRAINT duty_notices_message_fkey FOREIGN KEY (tenant_id, message_id) REFERENCES messages (tenant_id, id),
    CONSTRAINT duty_notices_record_fkey FOREIGN KEY (tenant_id, record_id) REFERENCES message_records (tenant_id, id),
    CONSTRAINT duty_notices_edition_fkey FOREIGN KEY (tenant_id, edition_id) REFERENCES editions (tenant_id, id),
    CONSTRAINT duty_notices_person_fkey FOREIGN KEY (tenant_id, person_id) REFERENCES people (tenant_id, id) DEFERRABLE INITIALLY IMMEDIATE,
    CONSTRAINT duty_notices_revoked_fkey FOREIGN KEY (tenant_id, revoked_by_id) REFERENCES messages (tenant_id, id),
    CONSTRAINT duty_notices_duty_check CHECK (duty IN ('notReported', 'notTakenUp', 'leftPlace', 'discipline', 'absence', 'refusal', 'interruption')),
    CONSTRAINT duty_notices_recipient_check CHECK (recipient IN ('starost', 'labourOffice', 'welfareCentre')),
    CONSTRAINT duty_notices_days_check CHECK (to_on >= from_on),
    CONSTRAINT duty_notices_revoked_check CHECK ((revoked_on IS NULL) = (revoked_by_id IS NULL))
);
COMMENT ON TABLE duty_notices IS 'Of what an office was told by a message that was sent: one row for each record, duty and recipient. A record that was refused, or that a correction left out, tells nothing any more.';
COMMENT ON COLUMN duty_notices.told_on IS 'Day on which the message was sent.';
COMMENT ON COLUMN duty_notices.revoked_by_id IS 'The message itself, where its receiver refused the record, or the correction that left it out.';
SELECT protect_tenant_table('duty_notices');
CREATE INDEX duty_notices_event_idx ON duty_notices (tenant_id, edition_id, person_id) WHERE revoked_on IS NULL;
CREATE INDEX duty_notices_message_idx ON duty_notices (tenant_id, message_id);
GRANT UPDATE (revoked_on, revoked_by_id) ON duty_notices TO pai_service;

ALTER TABLE information_duties
    ADD COLUMN notice_id uuid,
    ADD COLUMN message_id uuid,
    ADD COLUMN reopened_on date,
    ADD COLUMN reopened_by_id uuid,
    DROP CONSTRAINT information_duties_channel_check,
    ADD CONSTRAINT information_duties_channel_check CHECK (channel IN ('ePuap', 'eDelivery', 'email', 'letter', 'phone', 'inPerson', 'message')),
    ADD CONSTRAINT information_duties_notice_check CHECK ((channel IS NOT NULL AND channel = 'message') = (notice_id IS NOT NULL) AND (notice_id IS NULL) = (message_id IS NULL)),
    ADD CONSTRAINT information_duties_reopened_check CHECK ((reopened_on IS NULL) = (reopened_by_id IS NULL)),
    ADD CONSTRAINT information_duties_notice_fkey FOREIGN KEY (tenant_id, notice_id) REFERENCES duty_notices (tenant_id, id),
    ADD CONSTRAINT information_duties_message_fkey FOREIGN KEY (tenant_id, message_id) REFERENCES messages (tenant_id, id),
    ADD CONSTRAINT information_duties_reopened_fkey FOREIGN KEY (tenant_id, reopened_by_id) REFERENCES messages (tenant_id, id);
COMMENT ON COLUMN information_duties.message_id IS 'Message that discharged it.';
COMMENT ON COLUMN information_duties.reopened_on IS 'Day on which it was opened again, because what had been told was refused or corrected.';
CREATE INDEX information_duties_notice_idx ON information_duties (tenant_id, notice_id) WHERE notice_id IS NOT NULL;
GRANT UPDATE (notice_id, message_id, reopened_on, reopened_by_id) ON information_duties TO pai_service;

-- Joins open duties about somebody in an edition with what was told of the same.
CREATE FUNCTION discharge_told_duties(town uuid, edition uuid, person uuid) RETURNS void LANGUAGE sql SET search_path = pg_catalog, public AS $$
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

CREATE FUNCTION discharge_arisen_duty() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, public AS $$
BEGIN
    PERFORM discharge_told_duties(new.tenant_id, new.edition_id, p.person_id)
       FROM participations p WHERE p.tenant_id = new.tenant_id AND p.id = new.participation_id;
    RETURN NULL;
END $$;
CREATE TRIGGER discharge_arisen_duty AFTER INSERT ON information_duties FOR EACH ROW EXECUTE FUNCTION discharge_arisen_duty();

-- What was told discharges duties; what was told and does not count any more opens them again, unless it was told otherwise too.
CREATE FUNCTION follow_notice() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, public AS $$
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
CREATE TRIGGER follow_notice AFTER INSERT ON duty_notices FOR EACH ROW EXECUTE FUNCTION follow_notice();
CREATE TRIGGER follow_revoked_notice AFTER UPDATE OF revoked_on ON duty_notices FOR EACH ROW
    WHEN (old.revoked_on IS NULL AND new.revoked_on IS NOT NULL) EXECUTE FUNCTION follow_notice();

-- The receiver of a message refuses records: the town is where it was before it told of them. Of what was told already it need
-- not tell again.
CREATE FUNCTION revoke_refused_notices(town uuid, message uuid, refused_on date) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public, pg_temp AS $$
BEGIN
    PERFORM FROM messages m
      WHERE m.tenant_id = revoke_refused_notices.town AND m.id = revoke_refused_notices.message
        AND m.sender_tenant_id = m.tenant_id AND m.office_tenant_id = app_tenant();
    IF NOT FOUND THEN RETURN; END IF;
    -- Whoever adds a duty about the same people holds their participations.
    PERFORM p.id FROM participations p
       JOIN duty_notices n ON n.tenant_id = p.tenant_id AND n.edition_id = p.edition_id AND n.person_id = p.person_id
      WHERE n.tenant_id = revoke_refused_notices.town AND n.message_id = revoke_refused_notices.message
      ORDER BY p.id FOR UPDATE OF p;
    UPDATE duty_notices n SET revoked_on = revoke_refused_notices.refused_on, revoked_by_id = n.message_id
      FROM message_records r
     WHERE n.tenant_id = revoke_refused_notices.town AND n.message_id = revoke_refused_notices.message AND n.revoked_on IS NULL
       AND r.tenant_id = n.tenant_id AND r.id = n.record_id AND r.state = 'refused' AND r.reject_code <> 'duplicate';
END $$;
REVOKE ALL ON FUNCTION revoke_refused_notices(uuid, uuid, date) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION revoke_refused_notices(uuid, uuid, date) TO pai_service;
