DROP FUNCTION outbox_backlog(integer), unsealed_audit_entries(bigint, bigint[]), audit_seal_mac(bigint), audit_head(), settle_audit_home(),
    audit_entry_digest(audit_entries), audit_home();
DROP TABLE audit_homes, audit_seals;
ALTER TABLE audit_entries DROP COLUMN position;
