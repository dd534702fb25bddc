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
       r.tolerate, r.planned_at, r.started_at, r.first_departure_at, r.last_departure_at, r.finished_at, r.outlook,
       r.ramp, r.step,
       r.definition -> 'consent' AS consent,
       p.host, p.pid, p.started_at AS since,
       (SELECT (e.detail ->> 'code')::int FROM event AS e
         WHERE e.run = r.id AND e.name = 'run.paused' AND r.state = 'paused'
         ORDER BY e.id DESC LIMIT 1) AS code,
       (SELECT e.detail FROM event AS e
         WHERE e.run = r.id AND e.name = 'run.paused' AND r.state = 'paused'
         ORDER BY e.id DESC LIMIT 1) AS said,
       (SELECT coalesce(jsonb_object_agg(s.id, s.stopped_code), '{}') FROM shard AS s
         WHERE s.id = ANY (r.shards) AND s.stopped_code IS NOT NULL) AS stopped,
       EXISTS (SELECT FROM quality_gate AS g WHERE g.portfolio = r.portfolio AND g.template = ANY (r.templates)) AS gated,
       -- Nothing was left of the portfolio's limit when somebody last asked; who no longer asks does not wait.
       (SELECT jsonb_build_object('people', p.people, 'span', extract(epoch FROM p.span), 'until', p.full_until)
          FROM portfolio AS p
         WHERE p.portfolio = r.portfolio AND p.people IS NOT NULL AND p.full_until > now() - interval '10 s') AS limited,
       (SELECT jsonb_agg(jsonb_build_object('name', v.variant -> 'name', 'share', v.variant -> 'share') ORDER BY v.nth)
          FROM jsonb_array_elements(r.definition -> 'variants') WITH ORDINALITY AS v (variant, nth)) AS variants
  FROM run AS r
  LEFT JOIN process AS p ON p.id = coalesce(r.planner, r.launcher) AND p.ended_at IS NULL
                        AND p.heartbeat_at > now() - interval '10 seconds'
 WHERE r.id = $1::bigint;

-- name: refusal_counts
SELECT reason, count(*)::int AS rows FROM refusal WHERE run = $1::bigint GROUP BY reason ORDER BY reason;

-- name: message_counts
-- One pass over the run, by plain columns: an expression for each row costs half as much again (measured on a million).
-- Reason and code then split only the states they explain, region and category what reached a phone.
WITH counted AS MATERIALIZED (
    SELECT m.state, m.delivery, m.reason, m.code, m.region, m.charged_as, count(*) AS rows,
           -- Settled 30 days ago, never on a phone: WhatsApp keeps no message longer. Of the erased nothing is heard.
           count(*) FILTER (WHERE m.state = 'accepted' AND m.delivery IN ('none', 'sent')
                              AND m.reason IS DISTINCT FROM 'erased'
                              AND m.settled_at < now() - interval '30 days') AS never_delivered,
           count(*) FILTER (WHERE m.delivery = 'held' AND m.settled_at < now() - (
                               SELECT r.held_limit FROM run AS r WHERE r.id = $1::bigint)) AS held_too_long
      FROM message AS m
     WHERE m.run = $1::bigint
     GROUP BY m.state, m.delivery, m.reason, m.code, m.region, m.charged_as
)
SELECT c.state::text AS state, c.delivery::text AS delivery,
       CASE WHEN c.state = 'skipped' THEN c.reason END AS reason,
       CASE WHEN c.state = 'rejected' OR c.delivery = 'failed' THEN c.code END AS code,
       sum(c.rows)::int AS rows, sum(c.never_delivered)::int AS never_delivered,
       sum(c.held_too_long)::int AS held_too_long,
       CASE WHEN c.delivery IN ('delivered', 'read') THEN c.region END AS region,
       CASE WHEN c.delivery IN ('delivered', 'read') THEN c.charged_as END AS charged_as
  FROM counted AS c
 GROUP BY 1, 2, 3, 4, 8, 9
 ORDER BY 1, 2, 3, 4, 8, 9;

-- name: variant_counts
-- How far each variant of a run got; asked of runs with variants alone. What people did within three days after their
-- message: wrote to the number that sent it, or opted out. Both are looked up from the few who did, not from everybody;
-- WhatsApp tells the time of what they wrote in whole seconds.
WITH replied AS MATERIALIZED (
    SELECT DISTINCT m.row
      FROM run AS r
      JOIN inbound_message AS i ON i.received_at >= r.first_departure_at
      JOIN message AS m ON m.run = r.id AND m.person = i.person
      JOIN shard AS s ON s.id = m.shard AND s.address = i.address
     WHERE r.id = $1::bigint
       AND i.at >= date_trunc('second', m.marked_at) AND i.at < m.marked_at + interval '3 days'
), left_us AS MATERIALIZED (
    SELECT DISTINCT m.row
      FROM run AS r
      JOIN suppression AS s ON s.at >= r.first_departure_at AND s.source IN ('stop_word', 'preference')
      JOIN message AS m ON m.run = r.id AND m.person = s.person
     WHERE r.id = $1::bigint AND s.at >= m.marked_at AND s.at < m.marked_at + interval '3 days'
)
SELECT m.variant, count(*)::int AS planned,
       count(*) FILTER (WHERE m.state = 'accepted')::int AS accepted,
       count(*) FILTER (WHERE m.delivery IN ('delivered', 'read'))::int AS delivered,
       count(*) FILTER (WHERE m.delivery = 'read')::int AS read,
       count(*) FILTER (WHERE m.delivery IN ('failed', 'dropped'))::int AS failed,
       count(w.row) FILTER (WHERE m.state = 'accepted')::int AS replied,
       count(l.row) FILTER (WHERE m.state = 'accepted')::int AS opted_out
  FROM message AS m
  LEFT JOIN replied AS w ON w.row = m.row
  LEFT JOIN left_us AS l ON l.row = m.row
 WHERE m.run = $1::bigint
 GROUP BY m.variant;

-- name: step_counts
-- What became of each step of a run's ramp; asked of runs with a ramp alone.
SELECT m.step, count(*) FILTER (WHERE m.state <> 'skipped')::int AS messages,
       count(*) FILTER (WHERE m.state IN ('pending', 'in_flight'))::int AS left,
       count(*) FILTER (WHERE m.state = 'accepted')::int AS accepted,
       count(*) FILTER (WHERE m.state = 'accepted' AND m.delivery NOT IN ('none', 'held'))::int AS told
  FROM message AS m
 WHERE m.run = $1::bigint
 GROUP BY m.step
 ORDER BY m.step;

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
-- What is pending by shard, and what waits for its time: put off by an answer, or by the hours of the run. The time is
-- when the first of those is due. Whoever waits for a step of the ramp, not before 'infinity', waits for no time.
SELECT m.shard, put_off.code, count(*)::int AS rows, min(m.not_before) FILTER (WHERE put_off.later) AS until,
       put_off.later AND put_off.code IS NULL AS hours
  FROM run AS r
  JOIN message AS m ON m.state = 'pending' AND m.shard = ANY (r.shards) AND m.run = r.id,
       LATERAL (SELECT CASE WHEN m.not_before > now() THEN m.code END AS code,
                       m.not_before > now() AND m.not_before < 'infinity' AS later) AS put_off
 WHERE r.id = $1::bigint
 GROUP BY m.shard, put_off.code, put_off.later
 ORDER BY m.shard, put_off.code, put_off.later;

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
