-- A role for each kind of process, with the rights that it needs and no others (see docs/operation.md, Database roles).
--
--   sudo -u postgres psql -v ON_ERROR_STOP=1 -d smmeplus -f deploy/postgres/roles.sql
--
-- Run it after the first `migrate` and again after each later one: it takes all rights away and gives them anew, in one
-- transaction, so it may be run at any time and any number of times. Until then a new table is the owner's alone;
-- `check --database default` names those. The owner runs `migrate`, and owns the tables already. The new roles
-- have no password and so cannot sign in: give each one with \password. Other names: -v web=…, listener, jobs, schema.

\set ON_ERROR_STOP on
\if :{?web}
\else
    \set web smmeplus_web
\endif
\if :{?listener}
\else
    \set listener smmeplus_listener
\endif
\if :{?jobs}
\else
    \set jobs smmeplus_jobs
\endif
\if :{?schema}
\else
    \set schema public
\endif

BEGIN;

SELECT format('CREATE ROLE %I LOGIN', wanted)
FROM unnest(ARRAY[:'web', :'listener', :'jobs']) AS wanted
WHERE wanted NOT IN (SELECT rolname FROM pg_roles)
\gexec

-- What everybody may by default: make tables in the schema (before PostgreSQL 15) and temporary ones.
REVOKE CREATE ON SCHEMA :"schema" FROM PUBLIC;
SELECT format('REVOKE TEMPORARY ON DATABASE %I FROM PUBLIC', current_database())
\gexec

-- All rights go first, so that what is no longer written here is gone. A column's rights go with its table's.
SELECT format('REVOKE ALL ON ALL %s IN SCHEMA %I FROM %I, %I, %I', kind, :'schema', :'web', :'listener', :'jobs')
FROM unnest(ARRAY['TABLES', 'SEQUENCES', 'FUNCTIONS']) AS kind
\gexec
GRANT USAGE ON SCHEMA :"schema" TO :"web", :"listener", :"jobs";

-- Who may do what with which tables. A name is a regular expression of the whole name; what fits several lines of a role
-- gets the rights of the first.
CREATE TEMPORARY TABLE wanted (place serial, role text, tables text, rights text) ON COMMIT DROP;
INSERT INTO wanted (role, tables, rights) VALUES
    -- Written once: what was done, by whom, from what to what, and what came in.
    (:'web', '.*_historical.*|django_admin_log|concentrators_auditedaction|wakeup_(incidentnote|statuschange)', 'SELECT, INSERT'),
    (:'web', 'wakeup_feedevent', 'SELECT, DELETE'),
    (:'web', 'wakeup_feedprogress', 'SELECT'),
    (:'web', 'wakeup_message(_default)?|wakeup_day', 'SELECT'),
    (:'web', 'wakeup_message_.*', ''),
    (:'web', 'django_(migrations|content_type)|auth_permission', 'SELECT'),
    (:'web', '.*', 'SELECT, INSERT, UPDATE, DELETE'),

    -- What strangers reach: it stores messages, counts them, and knows nobody's password, session or token.
    (:'listener', 'wakeup_message', 'SELECT, INSERT'),
    (:'listener', 'wakeup_message_default', 'SELECT'),
    (:'listener', 'wakeup_(countingzone|wakeuptotal|dailycount|surpluscount)', 'SELECT, INSERT, UPDATE'),
    (:'listener', 'wakeup_(strayframe|listenerrun)', 'SELECT, INSERT, UPDATE, DELETE'),
    (:'listener', 'concentrators_devicekeys', 'SELECT, UPDATE (accepted_counter, accepted_digest, accepted_at, own_counter)'),
    (:'listener', 'profiles_systemsettings|concentrators_(company|concentrator|concentratortype|kindrule)', 'SELECT'),

    -- Watcher, writer, notifications, reports, meters, months, prune.
    (:'jobs', '(profiles|concentrators|wakeup|reports)_historical.*|concentrators_auditedaction|wakeup_(incidentnote|statuschange)', 'SELECT, INSERT'),
    (:'jobs', 'wakeup_feedevent', 'SELECT, INSERT, DELETE'),
    (:'jobs', 'wakeup_day', 'SELECT'),
    (:'jobs', 'wakeup_message', 'SELECT, INSERT'),
    (:'jobs', 'wakeup_message_default', 'SELECT, DELETE'),
    (:'jobs', 'wakeup_message_.*', ''),
    (:'jobs', '(profiles|concentrators|wakeup|reports)_.*', 'SELECT, INSERT, UPDATE, DELETE'),
    (:'jobs', 'auth_(user|group|permission|user_groups|group_permissions|user_user_permissions)', 'SELECT'),
    (:'jobs', 'django_(migrations|content_type)', 'SELECT');

SELECT format('GRANT %s ON %I.%I TO %I', rights, :'schema', relname, role)
FROM pg_class
CROSS JOIN LATERAL (
    SELECT DISTINCT ON (role) role, rights FROM wanted WHERE relname ~ ('^(' || tables || ')$') ORDER BY role, place
) AS first_that_fits
WHERE relnamespace = :'schema'::regnamespace AND relkind IN ('r', 'p', 'v') AND rights <> ''
\gexec

-- Most keys are identities, which need no right of their own.
GRANT USAGE ON ALL SEQUENCES IN SCHEMA :"schema" TO :"web", :"jobs";
GRANT USAGE ON SEQUENCE :"schema".wakeup_message_id_seq TO :"listener";

-- Partitions are made, packed and dropped as the owner, by functions that do nothing else. After a restore everybody may
-- call them.
REVOKE EXECUTE ON FUNCTION
    :"schema".wakeup_lock_default(),
    :"schema".wakeup_make_partition(text, timestamptz, timestamptz),
    :"schema".wakeup_drop_partition(text),
    :"schema".wakeup_require_partition(text),
    :"schema".wakeup_newest_before_packing(text),
    :"schema".wakeup_pack_partition(text, bigint),
    :"schema".wakeup_swap_partition(text, bigint)
FROM PUBLIC;
GRANT EXECUTE ON FUNCTION
    :"schema".wakeup_lock_default(),
    :"schema".wakeup_make_partition(text, timestamptz, timestamptz)
TO :"listener", :"jobs";
GRANT EXECUTE ON FUNCTION
    :"schema".wakeup_drop_partition(text),
    :"schema".wakeup_newest_before_packing(text),
    :"schema".wakeup_pack_partition(text, bigint),
    :"schema".wakeup_swap_partition(text, bigint)
TO :"jobs";

COMMIT;
