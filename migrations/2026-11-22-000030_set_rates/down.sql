DROP TABLE agreement_rates, minimum_rates;
