DROP FUNCTION restore_notices(uuid, uuid);
DROP FUNCTION was_refused(uuid, uuid);
DROP TRIGGER follow_restored_notice ON duty_notices;
