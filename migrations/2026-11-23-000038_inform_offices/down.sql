DROP TABLE information_duties, incidents, duty_terms;
