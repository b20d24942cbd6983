DROP FUNCTION work_at_classes(uuid[], uuid[]);
DROP TRIGGER refuse_merged_classes_at_work ON participations;
DROP TRIGGER refuse_classes_at_work ON attendance;
DROP TRIGGER refuse_work_at_classes ON psu_entries;
DROP FUNCTION refuse_merged_classes_at_work(), refuse_classes_at_work(), refuse_work_at_classes();
