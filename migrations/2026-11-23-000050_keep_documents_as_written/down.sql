ALTER TABLE ranking_rows ALTER COLUMN explanation TYPE jsonb, ALTER COLUMN explanation SET COMPRESSION default;
ALTER TABLE ranking_protocols ALTER COLUMN inputs TYPE jsonb, ALTER COLUMN inputs SET COMPRESSION default;
