DROP TABLE settlement_lines, settlements;
DROP FUNCTION refuse_change_of_settled();
