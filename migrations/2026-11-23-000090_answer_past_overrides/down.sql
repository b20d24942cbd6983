DROP VIEW past.application_events, past.prolongations;
DROP FUNCTION past.application_events_rows(), past.prolongations_rows();
DROP TRIGGER keep_changed_version ON application_events;
DROP TRIGGER keep_last_version ON application_events;
DROP TRIGGER keep_changed_version ON prolongations;
DROP TRIGGER keep_last_version ON prolongations;
DO $$
DECLARE
    kept text;
    former text;
BEGIN
    FOREACH kept IN ARRAY ARRAY['participations', 'plan_revisions'] LOOP
        SELECT string_agg(quote_ident(a.attname), ', ' ORDER BY a.attnum) INTO former FROM pg_attribute a
         WHERE a.attrelid = kept::regclass AND a.attnum > 0 AND NOT a.attisdropped AND a.attname <> 'override_rules'
           AND (kept, a.attname) <> ('plan_revisions', 'override_reason');
        EXECUTE format('DROP VIEW past.%I', kept);
        EXECUTE format('CREATE VIEW past.%1$I AS SELECT %3$s FROM past.%2$I()', kept, kept || '_rows', former);
        EXECUTE format('GRANT SELECT ON past.%I TO pai_service', kept);
    END LOOP;
END $$;
