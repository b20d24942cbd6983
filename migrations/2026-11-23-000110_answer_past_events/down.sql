DROP VIEW past.edition_events;
DROP FUNCTION past.edition_events_rows();
DROP TRIGGER keep_changed_version ON edition_events;
DROP TRIGGER keep_last_version ON edition_events;
