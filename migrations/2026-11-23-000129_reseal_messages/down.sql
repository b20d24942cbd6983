DROP TRIGGER bump_row_version ON messages;
CREATE TRIGGER bump_row_version BEFORE UPDATE ON messages FOR EACH ROW EXECUTE FUNCTION bump_row_version();
