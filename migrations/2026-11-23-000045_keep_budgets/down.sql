DROP TABLE expenditures, budget_lines;
