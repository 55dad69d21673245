-- A role that works with a service's tables and can't change what they are: for the API, which strangers reach.
-- The service's own role stays the owner: it migrates, and its worker makes the outbox's daily partitions.
--   ROLE_PASSWORD=… psql -d marketing -v name=marketing_api -v owner=marketing -f running_role.sql
-- Run it as the owner or a superuser; again after a password's change. New tables are granted by themselves.
\set ON_ERROR_STOP on
\getenv password ROLE_PASSWORD
SELECT format('CREATE ROLE %I LOGIN', :'name')
 WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = :'name') \gexec
SELECT format('ALTER ROLE %I PASSWORD %L', :'name', :'password') \gexec
SELECT format('GRANT CONNECT ON DATABASE %I TO %I', current_database(), :'name') \gexec
GRANT USAGE ON SCHEMA public TO :"name";
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO :"name";
GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO :"name";
ALTER DEFAULT PRIVILEGES FOR ROLE :"owner" IN SCHEMA public
    GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO :"name";
ALTER DEFAULT PRIVILEGES FOR ROLE :"owner" IN SCHEMA public GRANT USAGE ON SEQUENCES TO :"name";
REVOKE INSERT, UPDATE, DELETE ON alembic_version FROM :"name";
