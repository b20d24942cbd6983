DROP INDEX ranking_rows_id_key;
CREATE UNIQUE INDEX ranking_rows_id_key ON ranking_rows (tenant_id, protocol_id, id);
ALTER TABLE ranking_rows
    DROP CONSTRAINT ranking_rows_rank_key,
    ADD CONSTRAINT ranking_rows_rank_key UNIQUE (tenant_id, protocol_id, rank);
ALTER TABLE ranking_protocols DROP COLUMN seats;
