-- Which soft rules were departed from is answered as of a past moment too: by the tables that tell it, and by the columns
-- that two tables got after their views were made.
SELECT keep_versions(kept::regclass, '{id}', '{}'), answer_past(kept::regclass, '{id}', 'row.recorded_at <= public.app_as_of()')
  FROM unnest(ARRAY['application_events', 'prolongations']) AS kept;
CREATE OR REPLACE VIEW past.participations AS SELECT * FROM past.participations_rows();
CREATE OR REPLACE VIEW past.plan_revisions AS SELECT * FROM past.plan_revisions_rows();
