-- How many places of the edition were taken, offered or kept when a ranking was made.
ALTER TABLE ranking_protocols ADD COLUMN seats jsonb;
COMMENT ON COLUMN ranking_protocols.seats IS 'The arithmetic of the seats on the scarcest day from the day of the ranking on; none where the edition was over, and in protocols made before it was kept.';

-- A foreign key into the rows asks for tenant, protocol and application. Before a table has statistics the planner takes any
-- index that begins with tenant and protocol for as good as the primary key, and reads the whole protocol for each row that
-- refers to it. So only the primary key begins with both.
ALTER TABLE ranking_rows
    DROP CONSTRAINT ranking_rows_rank_key,
    ADD CONSTRAINT ranking_rows_rank_key UNIQUE (tenant_id, rank, protocol_id);
DROP INDEX ranking_rows_id_key;
CREATE UNIQUE INDEX ranking_rows_id_key ON ranking_rows (tenant_id, id);
