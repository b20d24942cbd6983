DROP TABLE report_files, reports;
DROP FUNCTION refuse_change_of_reported();
