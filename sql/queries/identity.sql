-- name: whose
-- Whose ledger it is, and whether anything may have been sent from it.
SELECT id, EXISTS (SELECT FROM run WHERE started_at IS NOT NULL) AS used FROM installation;

-- name: system_identifier
SELECT system_identifier FROM pg_control_system();

-- name: timeline
-- By the name of the file being written: pg_control follows a promotion later.
SELECT CASE WHEN NOT pg_is_in_recovery()
            THEN ('x' || left(pg_walfile_name(pg_current_wal_insert_lsn()), 8))::bit(32)::int END;

-- name: wal_position
-- Where the next record goes. A crash may take this back, until a commit after it was acknowledged.
SELECT CASE WHEN NOT pg_is_in_recovery() THEN (pg_current_wal_insert_lsn() - '0/0'::pg_lsn)::bigint END;

-- name: alive
-- Processes that hold their lock on this very server; a copy takes their rows along, and never their locks.
SELECT count(*)::int
  FROM process AS p
 WHERE p.ended_at IS NULL
   AND EXISTS (SELECT FROM pg_locks AS l
                WHERE l.locktype = 'advisory' AND l.granted AND l.classid = 7143 AND l.objsubid = 2
                  AND l.objid::bigint = p.id % 2147483647
                  AND l.database = (SELECT d.oid FROM pg_database AS d WHERE d.datname = current_database()));

-- name: startable
SELECT campaign, key FROM run WHERE state IN ('running', 'scheduled') ORDER BY id;

-- name: pause_startable
-- Whatever would send by itself waits for an order; what was paused already keeps its reason.
WITH paused AS (
    UPDATE run SET state = 'paused', reason = 'ghost'
     WHERE state IN ('running', 'scheduled')
    RETURNING id, campaign, key
), told AS (
    INSERT INTO event (name, run, detail) SELECT 'run.paused', id, $1::jsonb FROM paused
)
SELECT campaign, key FROM paused ORDER BY id;

-- name: rename_installation
UPDATE installation SET id = $1::text;

-- name: note_adoption
INSERT INTO event (name, detail) VALUES ('ledger.adopted', $1::jsonb);
