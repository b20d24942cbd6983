-- What a ranking was made of, and why each row stands where it stands, is written once and read as a whole: taken apart
-- for searching it costs most of the time of a ranking.
ALTER TABLE ranking_protocols ALTER COLUMN inputs TYPE json USING inputs::text::json;
ALTER TABLE ranking_rows ALTER COLUMN explanation TYPE json USING explanation::text::json;
-- Not every build of PostgreSQL has it; the other way of compressing takes ten times as long.
DO $$
BEGIN
    ALTER TABLE ranking_protocols ALTER COLUMN inputs SET COMPRESSION lz4;
    ALTER TABLE ranking_rows ALTER COLUMN explanation SET COMPRESSION lz4;
EXCEPTION WHEN feature_not_supported THEN
    NULL;
END
$$;
