DROP TABLE message_proposals, exchange_subjects, message_steps, message_records, messages, shared_editions, exchange_links;
DROP FUNCTION protect_shared_table(regclass, text);
