-- name: release_gates
-- At least 95 in 100 of what was held since the gate closed have gone on. The ten seconds before it count too: the
-- answer that closed it may have been recorded first. Earlier rounds do not, or they would open every later gate.
WITH round AS MATERIALIZED (
    SELECT g.portfolio, g.template,
           count(*) AS held, count(*) FILTER (WHERE m.delivery NOT IN ('none', 'held', 'dropped')) AS released
      FROM quality_gate AS g
      JOIN run AS r ON r.id = g.run
      JOIN message AS m ON m.run = g.run AND r.templates[m.variant + 1] = g.template
     WHERE m.was_held AND m.state = 'accepted' AND m.settled_at > g.since - interval '10 seconds'
     GROUP BY g.portfolio, g.template
), opened AS (
    DELETE FROM quality_gate AS g
     USING round AS r
     WHERE g.portfolio = r.portfolio AND g.template = r.template AND r.released * 100 >= r.held * 95
    RETURNING g.run, g.template, r.held, r.released
)
INSERT INTO event (name, run, detail)
SELECT 'held.released', run,
       jsonb_build_object('template', template, 'because', 'delivery', 'held', held, 'released', released)
  FROM opened
RETURNING run;

-- name: pause_waiting
-- Gates that waited longer than their run allows, or that nobody could hear of: the runs behind them pause. The gates
-- go, so that a resume sends; the next held answer closes them again.
-- A receiver that restarts within ten seconds was never away.
WITH overdue AS MATERIALIZED (
    SELECT g.portfolio, g.template,
           CASE WHEN now() - g.since > coalesce(r.held_limit, interval '24 hours') THEN 'held_limit'
                ELSE 'no_receiver' END AS why
      FROM quality_gate AS g
      LEFT JOIN run AS r ON r.id = g.run
     WHERE now() - g.since > coalesce(r.held_limit, interval '24 hours')
        OR NOT EXISTS (SELECT FROM process AS p
                        WHERE p.purpose = 'receiver' AND p.heartbeat_at > now() - interval '10 seconds')
), stopped AS MATERIALIZED (
    SELECT r.id, (SELECT min(o.why) FROM overdue AS o
                   WHERE o.portfolio = r.portfolio AND o.template = ANY (r.templates)) AS why
      FROM run AS r
     WHERE r.state = 'running'
       AND EXISTS (SELECT FROM overdue AS o WHERE o.portfolio = r.portfolio AND o.template = ANY (r.templates))
     ORDER BY r.id
       FOR UPDATE OF r
), paused AS (
    UPDATE run AS r SET state = 'paused', reason = 'held' FROM stopped AS s WHERE r.id = s.id RETURNING r.id, s.why
), opened AS (
    DELETE FROM quality_gate AS g USING overdue AS o WHERE g.portfolio = o.portfolio AND g.template = o.template
)
INSERT INTO event (name, run, detail)
SELECT 'run.paused', id, jsonb_build_object('reason', 'held', 'because', why) FROM paused ORDER BY id
RETURNING run, detail ->> 'because' AS why;

-- name: pause_stranded
-- Running runs with nothing in flight, all of whose pending rows wait on shards that WhatsApp's answers stopped. Later
-- steps of a ramp wait for the present one.
WITH stopped AS MATERIALIZED (
    SELECT id, stopped_code AS code, stopped_at FROM shard WHERE stopped_code IS NOT NULL
), stranded AS MATERIALIZED (
    SELECT DISTINCT ON (r.id) r.id, s.id AS shard, s.code
      FROM stopped AS s
      JOIN run AS r ON r.state = 'running' AND s.id = ANY (r.shards)
     CROSS JOIN LATERAL (
               SELECT FROM message AS m
                WHERE m.state = 'pending' AND m.shard = s.id AND m.run = r.id AND m.not_before < 'infinity'
                LIMIT 1) AS here
     WHERE NOT EXISTS (SELECT FROM unnest(r.shards) AS o (id), LATERAL (
               SELECT FROM message AS m
                WHERE m.state = 'pending' AND m.shard = o.id AND m.run = r.id AND m.not_before < 'infinity'
                LIMIT 1) AS there
            WHERE o.id NOT IN (SELECT id FROM stopped))
       AND NOT EXISTS (SELECT FROM message AS m WHERE m.state = 'in_flight' AND m.run = r.id)
     ORDER BY r.id, s.stopped_at, s.id
), locked AS MATERIALIZED (
    SELECT r.id FROM run AS r JOIN stranded AS s ON s.id = r.id WHERE r.state = 'running' ORDER BY r.id FOR UPDATE OF r
), paused AS (
    UPDATE run AS r SET state = 'paused', reason = 'account' FROM locked AS l WHERE r.id = l.id RETURNING r.id
)
INSERT INTO event (name, run, shard, detail)
SELECT 'run.paused', s.id, s.shard, jsonb_build_object('reason', 'account', 'code', s.code, 'shard', s.shard)
  FROM stranded AS s
  JOIN paused AS p ON p.id = s.id
 ORDER BY s.id
RETURNING run, shard, (detail ->> 'code')::int AS code;

-- name: finish_stranded
-- Runs with nothing left, at which nobody looks because all of their shards stand still.
UPDATE run AS r
   SET state = 'finished', finished_at = now(), reason = NULL
 WHERE r.state = 'running' AND r.shards <@ ARRAY(SELECT id FROM shard WHERE stopped_code IS NOT NULL)
   AND NOT EXISTS (SELECT FROM unnest(r.shards) AS s (id), LATERAL (
           SELECT FROM message AS m WHERE m.state = 'pending' AND m.shard = s.id AND m.run = r.id LIMIT 1) AS p)
   AND NOT EXISTS (SELECT FROM message AS m WHERE m.state = 'in_flight' AND m.run = r.id);
