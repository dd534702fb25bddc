-- name: next_zone
-- The first number that no zone of run $1 has.
SELECT coalesce(max(zone), -1) + 1 FROM run_window WHERE run = $1::bigint;

-- name: messages_to_time
-- Up to $3 messages of run $1 after row $2 that are to be sent, or may be again, in row order.
SELECT m.row, m.number
  FROM message AS m
 WHERE m.run = $1::bigint AND m.row > $2::int AND m.number <> ''
   AND (m.state IN ('pending', 'in_flight', 'unknown', 'rejected') OR m.delivery IN ('failed', 'dropped'))
 ORDER BY m.row
 LIMIT $3::int;

-- name: add_windows
INSERT INTO run_window (run, zone, opens_at, closes_at)
SELECT $1::bigint, u.zone, u.opens_at, u.closes_at
  FROM unnest($2::smallint[], $3::timestamptz[], $4::timestamptz[]) AS u (zone, opens_at, closes_at)
    ON CONFLICT DO NOTHING;

-- name: time_messages
-- Rows ($2) of run $1 go by another zone ($3) from now on, and wait for its first window ($4, $5). Not sooner than an
-- answer put them off to, nor before their step of the ramp is opened.
WITH given AS MATERIALIZED (
    SELECT m.run, m.row, u.zone, coalesce(u.opens_at, '-infinity') AS opens_at,
           coalesce(u.closes_at, 'infinity') AS closes_at
      FROM unnest($2::int[], $3::smallint[], $4::timestamptz[], $5::timestamptz[]) AS u (row, zone, opens_at, closes_at)
      JOIN message AS m ON m.run = $1::bigint AND m.row = u.row
     ORDER BY m.run, m.row
       FOR UPDATE OF m
)
UPDATE message AS m
   SET zone = g.zone, not_after = g.closes_at,
       not_before = CASE WHEN m.not_before = 'infinity' THEN m.not_before
                         WHEN m.code IS NOT NULL AND m.not_before > now() THEN greatest(m.not_before, g.opens_at)
                         ELSE g.opens_at END
  FROM given AS g
 WHERE m.run = g.run AND m.row = g.row;

-- name: change_schedule
-- Run $1 keeps to another schedule ($2; NULL is none) until $3, and forgets the windows of zones before $4.
WITH forgotten AS (
    DELETE FROM run_window WHERE run = $1::bigint AND zone < $4::smallint
)
UPDATE run
   SET until = $3::timestamptz,
       definition = CASE WHEN $2::jsonb IS NULL THEN definition - 'schedule'
                         ELSE jsonb_set(definition, '{schedule}', $2::jsonb) END
 WHERE id = $1::bigint;
