-- What had happened in an edition is answered as of a past moment too, for reports that are drawn up as of one.
SELECT keep_versions('edition_events', '{id}', '{}'), answer_past('edition_events', '{id}', 'row.recorded_at <= public.app_as_of()');
