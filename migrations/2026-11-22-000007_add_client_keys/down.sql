DROP TABLE used_assertions;
ALTER TABLE clients DROP COLUMN public_keys;
