DROP INDEX messages_reference_key;
ALTER TABLE messages
    DROP COLUMN copy_of_id,
    ADD CONSTRAINT messages_reference_key UNIQUE (tenant_id, sender_tenant_id, sender_reference);
ALTER TABLE exchange_links
    DROP CONSTRAINT exchange_links_agreement_key,
    ADD CONSTRAINT exchange_links_agreement_key UNIQUE (tenant_id, agreement_id);
COMMENT ON COLUMN exchange_links.office_tenant_id IS NULL;
