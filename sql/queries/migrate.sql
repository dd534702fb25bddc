-- name: lock_migrations
-- One migration at a time, over all processes; released at commit.
SELECT pg_advisory_xact_lock(7142, 1);

-- name: create_schema
CREATE SCHEMA IF NOT EXISTS campaign;

-- name: create_migration_table
CREATE TABLE IF NOT EXISTS campaign.migration (
    number int PRIMARY KEY,
    name text NOT NULL,
    applied_at timestamptz NOT NULL DEFAULT now()
);

-- name: has_migration_table
SELECT to_regclass('campaign.migration') IS NOT NULL;

-- name: applied_migrations
SELECT number FROM campaign.migration;

-- name: newest_migration
SELECT coalesce(max(number), 0) FROM campaign.migration;

-- name: note_migration
INSERT INTO campaign.migration (number, name) VALUES ($1::int, $2::text);

-- name: server_facts
-- What the ledger needs of its server: a version, a primary, and durable commits.
SELECT current_setting('server_version_num')::int AS version,
       pg_is_in_recovery() AS replica,
       current_setting('fsync') = 'on' AS fsync,
       current_setting('full_page_writes') = 'on' AS full_page_writes;

-- name: create_installation
INSERT INTO installation (id, person_key_check) VALUES ($1::text, $2::bytea) ON CONFLICT (one) DO NOTHING;

-- name: installation
SELECT id, person_key_check FROM installation;
