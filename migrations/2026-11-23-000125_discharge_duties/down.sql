DROP FUNCTION revoke_refused_notices(uuid, uuid, date);
DROP TRIGGER discharge_arisen_duty ON information_duties;
DROP FUNCTION discharge_arisen_duty();
ALTER TABLE information_duties
    DROP CONSTRAINT information_duties_notice_check,
    DROP COLUMN notice_id,
    DROP COLUMN message_id,
    DROP COLUMN reopened_on,
    DROP COLUMN reopened_by_id,
    DROP CONSTRAINT information_duties_channel_check,
    ADD CONSTRAINT information_duties_channel_check CHECK (channel IN ('ePuap', 'eDelivery', 'email', 'letter', 'phone', 'inPerson'));
DROP TABLE duty_notices;
DROP FUNCTION follow_notice(), discharge_told_duties(uuid, uuid, uuid);
