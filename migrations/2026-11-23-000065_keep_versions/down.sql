DROP SCHEMA past CASCADE;
DROP FUNCTION answer_past(regclass, text[], text);
DROP FUNCTION keep_versions(regclass, text[], text[], text);
DROP FUNCTION keep_version() CASCADE;
DROP TABLE version_starts;
DROP TABLE row_versions;
DROP FUNCTION version_key(jsonb, text[]);
DROP FUNCTION app_as_of();
