-- name: run_by_name
-- The run of campaign $1 with key $2, or its newest.
SELECT id FROM run
 WHERE campaign = $1::text AND ($2::text IS NULL OR key = $2::text)
 ORDER BY id DESC LIMIT 1;

-- name: run_names
SELECT campaign, key FROM run ORDER BY id DESC LIMIT 1000;

-- name: run_facts
-- The owner is the living process that plans or launches the run. Code: the answer that paused it, if one did.
SELECT r.campaign, r.key, r.state::text AS state, r.reason, coalesce(r.audience, 0) AS audience, r.resent, r.shards,
       r.tolerate, r.planned_at, r.started_at, r.first_departure_at, r.last_departure_at, r.finished_at,
       p.host, p.pid, p.started_at AS since,
       (SELECT (e.detail ->> 'code')::int FROM event AS e
         WHERE e.run = r.id AND e.name = 'run.paused' AND r.state = 'paused'
         ORDER BY e.id DESC LIMIT 1) AS code,
       (SELECT e.detail FROM event AS e
         WHERE e.run = r.id AND e.name = 'run.paused' AND r.state = 'paused'
         ORDER BY e.id DESC LIMIT 1) AS said,
       (SELECT coalesce(jsonb_object_agg(s.id, s.stopped_code), '{}') FROM shard AS s
         WHERE s.id = ANY (r.shards) AND s.stopped_code IS NOT NULL) AS stopped,
       EXISTS (SELECT FROM quality_gate AS g WHERE g.portfolio = r.portfolio AND g.template = r.template) AS gated
  FROM run AS r
  LEFT JOIN process AS p ON p.id = coalesce(r.planner, r.launcher) AND p.ended_at IS NULL
                        AND p.heartbeat_at > now() - interval '10 seconds'
 WHERE r.id = $1::bigint;

-- name: refusal_counts
SELECT reason, count(*)::int AS rows FROM refusal WHERE run = $1::bigint GROUP BY reason ORDER BY reason;

-- name: message_counts
-- One pass over the run; reason and code split only the states they explain.
SELECT m.state::text AS state, m.delivery::text AS delivery,
       CASE WHEN m.state = 'skipped' THEN m.reason END AS reason,
       CASE WHEN m.state = 'rejected' OR m.delivery = 'failed' THEN m.code END AS code,
       count(*)::int AS rows,
       -- Settled 30 days ago, and never on a phone: WhatsApp keeps no message longer. Of the erased nothing is heard.
       count(*) FILTER (WHERE m.state = 'accepted' AND m.delivery IN ('none', 'sent')
                          AND m.reason IS DISTINCT FROM 'erased'
                          AND m.settled_at < now() - interval '30 days')::int AS never_delivered,
       count(*) FILTER (WHERE m.delivery = 'held' AND m.settled_at < now() - r.held_limit)::int AS held_too_long
  FROM run AS r
  JOIN message AS m ON m.run = r.id
 WHERE r.id = $1::bigint
 GROUP BY 1, 2, 3, 4
 ORDER BY 1, 2, 3, 4;

-- name: throughput
-- Per shard: the newest ceiling, and the seconds with work between the run's first ($2) and last ($3) departure.
SELECT i.shard,
       (array_agg(i.ceiling ORDER BY i.started_at DESC))[1] AS ceiling,
       sum(i.departed)::int AS departed,
       max(i.worst_second) AS worst_second,
       sum(greatest(0, least(
           i.seconds * (1 - coalesce((i.lost ->> 'idle')::float8, 0)),
           extract(epoch FROM least(i.started_at + make_interval(secs => i.seconds), $3::timestamptz)
                            - greatest(i.started_at, $2::timestamptz))::float8)))::float8 AS worked
  FROM shard_interval AS i
 WHERE i.run = $1::bigint
 GROUP BY i.shard
 ORDER BY i.shard;

-- name: waiting
-- What is pending by shard, and what an answer put off until later; the time is when the first of those is due again.
SELECT m.shard, put_off.code, count(*)::int AS rows, min(m.not_before) FILTER (WHERE m.not_before > now()) AS until
  FROM run AS r
  JOIN message AS m ON m.state = 'pending' AND m.shard = ANY (r.shards) AND m.run = r.id,
       LATERAL (SELECT CASE WHEN m.not_before > now() THEN m.code END AS code) AS put_off
 WHERE r.id = $1::bigint
 GROUP BY m.shard, put_off.code
 ORDER BY m.shard, put_off.code;

-- name: remaining
-- What is left, from partial indexes: nothing is read of what is settled.
SELECT (SELECT count(*)::int FROM message AS m
         WHERE m.state = 'pending' AND m.shard = ANY (r.shards) AND m.run = r.id) AS pending,
       (SELECT count(*)::int FROM message AS m WHERE m.state = 'in_flight' AND m.run = r.id) AS in_flight,
       (SELECT count(*)::int FROM message AS m WHERE m.state = 'unknown' AND m.run = r.id) AS unknown,
       (SELECT count(*)::int FROM message AS m WHERE m.was_held AND m.delivery = 'held' AND m.run = r.id) AS held,
       r.state::text AS state, r.reason, extract(epoch FROM r.settle)::float8 AS settle_seconds
  FROM run AS r
 WHERE r.id = $1::bigint;

-- name: list_runs
-- The newest runs, those that still have something to do first.
SELECT r.campaign, r.key, r.state::text AS state, r.reason, coalesce(r.audience, 0) AS audience, r.created_at,
       r.started_at, r.finished_at
  FROM run AS r
 ORDER BY r.state IN ('finished', 'cancelled'), r.id DESC
 LIMIT $1::int;
