DROP FUNCTION record_first_sheet;
DROP FUNCTION first_sheet_terms;
