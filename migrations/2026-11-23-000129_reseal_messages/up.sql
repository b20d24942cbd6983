-- Sealing a message again is no new version of it: an exchange of keys must not fail a caller's If-Match.

DROP TRIGGER bump_row_version ON messages;
CREATE TRIGGER bump_row_version BEFORE UPDATE ON messages FOR EACH ROW
    WHEN (current_setting('app.resealing', true) IS DISTINCT FROM 'on') EXECUTE FUNCTION bump_row_version();
