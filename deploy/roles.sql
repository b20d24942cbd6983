-- The roles and the database of the service on an external PostgreSQL (14 or later), run once by psql as a superuser:
--
--   PAI_OWNER_PASSWORD=… PAI_SERVICE_PASSWORD=… psql -v ON_ERROR_STOP=1 -f deploy/roles.sql
--
-- The owner migrates and dumps and so bypasses row-level security; the service never does. The time limits belong to
-- the service's role, so that no forgotten session setting can lift them; deadlock_timeout lies below lock_timeout, so
-- that a deadlock is seen as one and tried again. Failures that pass are told by their text, hence lc_messages.

\set owner_password `printf %s "$PAI_OWNER_PASSWORD"`
\set service_password `printf %s "$PAI_SERVICE_PASSWORD"`

CREATE ROLE pai_owner LOGIN NOSUPERUSER BYPASSRLS NOCREATEDB NOCREATEROLE NOREPLICATION PASSWORD :'owner_password';
CREATE ROLE pai_service LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE NOREPLICATION PASSWORD :'service_password';
ALTER ROLE pai_service SET lc_messages = 'C';
ALTER ROLE pai_service SET statement_timeout = '4s';
ALTER ROLE pai_service SET lock_timeout = '1s';
ALTER ROLE pai_service SET deadlock_timeout = '200ms';
ALTER ROLE pai_service SET idle_in_transaction_session_timeout = '10s';

CREATE DATABASE pai OWNER pai_owner ENCODING 'UTF8' TEMPLATE template0;
REVOKE ALL ON DATABASE pai FROM PUBLIC;
GRANT CONNECT ON DATABASE pai TO pai_service;

\connect pai
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
GRANT CREATE, USAGE ON SCHEMA public TO pai_owner;
GRANT USAGE ON SCHEMA public TO pai_service;
CREATE EXTENSION btree_gist;
