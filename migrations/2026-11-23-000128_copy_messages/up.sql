-- Some messages have two receivers: the starost, and the head of the centre. Each gets a copy of its own, in an exchange of
-- its own, of the same matter and under the same reference.

ALTER TABLE exchange_links
    DROP CONSTRAINT exchange_links_agreement_key,
    ADD CONSTRAINT exchange_links_agreement_key UNIQUE (tenant_id, agreement_id, office_tenant_id);
COMMENT ON COLUMN exchange_links.office_tenant_id IS 'The labour office of the agreement; or the municipal centre, which is told of the plan and of incidents under it.';

ALTER TABLE messages
    ADD COLUMN copy_of_id uuid,
    ADD CONSTRAINT messages_copy_fkey FOREIGN KEY (tenant_id, copy_of_id) REFERENCES messages (tenant_id, id),
    ADD CONSTRAINT messages_copy_key UNIQUE (tenant_id, copy_of_id, link_id),
    DROP CONSTRAINT messages_reference_key;
COMMENT ON COLUMN messages.copy_of_id IS 'Message to another receiver that this one is a copy of: same sender, content, day and reference.';
CREATE UNIQUE INDEX messages_reference_key ON messages (tenant_id, sender_tenant_id, sender_reference) WHERE copy_of_id IS NULL;
