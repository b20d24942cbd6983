\startpipeline
BEGIN READ ONLY;
SELECT set_config('app.tenant', '{tenant}', true), set_config('app.client', '{client}', true), set_config('app.now', '2026-06-15T10:00:00.000000Z', true);
\endpipeline
