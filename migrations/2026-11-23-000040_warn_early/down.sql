DROP TABLE warning_rules;
