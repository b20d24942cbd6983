DROP FUNCTION last_protocol_number(uuid, date);
DROP FUNCTION other_side_signature(uuid, date);
DROP FUNCTION month_differences(uuid, date);
DROP FUNCTION other_side_statement(uuid, date);
DROP TABLE reconciliation_protocols;
DROP TABLE month_statement_lines;
DROP TABLE month_statements;
