-- name: register
INSERT INTO process (purpose, host, pid) VALUES ($1::text, $2::text, $3::int) RETURNING id;

-- name: hold_lock
-- The lock lives as long as its connection: whoever can take it knows that the process is gone.
SELECT pg_try_advisory_lock(7143, ($1::bigint % 2147483647)::int);

-- name: beat
-- Still here? No row: somebody took us for dead, and was right to.
UPDATE process SET heartbeat_at = now() WHERE id = $1::bigint AND ended_at IS NULL RETURNING id;

-- name: sign_off
UPDATE process SET ended_at = now() WHERE id = $1::bigint;

-- name: living_here
-- Processes of this host: their pids tell at once whether they live.
SELECT id, pid FROM process WHERE ended_at IS NULL AND host = $1::text AND id <> $2::bigint;

-- name: bury
-- Mark processes as ended that are dead: silent for ten seconds; or their lock is free, and either their pid is gone
-- ($2: the ids of those) or they have been silent for two. Two, because a connection that broke takes the lock with
-- it, and its process is back within one or so.
UPDATE process AS p
   SET ended_at = now()
 WHERE p.ended_at IS NULL AND p.id <> $1::bigint
   AND (p.heartbeat_at < now() - interval '10 seconds'
        OR (p.id = ANY ($2::bigint[]) OR p.heartbeat_at < now() - interval '2 seconds')
           AND pg_try_advisory_xact_lock(7143, (p.id % 2147483647)::int))
RETURNING p.id;

-- name: rescue
-- What a dead process left in flight, or what no POST can still be under way for, becomes unknown; never pending.
-- $1: POST time-out plus margin, in seconds.
WITH lost AS MATERIALIZED (
    SELECT m.run, m.row
      FROM message AS m
      LEFT JOIN process AS p ON p.id = m.marked_by
     WHERE m.state = 'in_flight'
       AND (p.id IS NULL OR p.ended_at IS NOT NULL OR m.marked_at < now() - make_interval(secs => $1::float8))
     ORDER BY m.run, m.row
       FOR UPDATE OF m
)
UPDATE message AS m
   SET state = 'unknown', was_unknown = true, reason = 'rescued', settled_at = now()
  FROM lost AS l
 WHERE m.run = l.run AND m.row = l.row AND m.state = 'in_flight'
RETURNING m.run;

-- name: receiver_alive
SELECT EXISTS (SELECT FROM process
                WHERE purpose = 'receiver' AND ended_at IS NULL AND heartbeat_at > now() - interval '10 seconds');
