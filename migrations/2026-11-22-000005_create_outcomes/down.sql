DROP TABLE post_decisions, declarations, employment_checks, employment_spells, sheets, sheet_templates;
