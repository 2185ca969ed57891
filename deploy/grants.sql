-- What the portal's role may do where the tables belong to another one: read and write rows, and of the audit log read
-- and add only. As the owner of the tables, after each `migrate`, any number of times:
--
--     psql "$OWNER_URL" -v ON_ERROR_STOP=1 -v portal=portal -f deploy/grants.sql
--
-- `portal`: the role in the portal's own `DATABASE_URL`. It must be no superuser, own nothing here and be no member of a
-- role that does (operation.md, "A role that cannot change the log").
BEGIN;

REVOKE ALL ON ALL TABLES IN SCHEMA public FROM :"portal";
REVOKE ALL ON ALL SEQUENCES IN SCHEMA public FROM :"portal";
REVOKE CREATE ON SCHEMA public FROM PUBLIC, :"portal";
GRANT USAGE ON SCHEMA public TO :"portal";
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO :"portal";
GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO :"portal";

-- Neither by right nor by trigger: nobody changes what was done, and nobody empties anything.
REVOKE UPDATE, DELETE ON audit_entry FROM :"portal";
-- What has been migrated is the owner's to say.
REVOKE INSERT, UPDATE, DELETE ON django_migrations FROM :"portal";

COMMIT;
