-- name: create_run
-- The promise to plan: committed before anything is read. $3 is both planner and launcher.
INSERT INTO run (campaign, key, planner, launcher, high, definition, fingerprints, portfolio, template, when_held,
                 held_limit, duplicate_window, own_runs, tolerate, settle, rate, shards, free_form, templates, until,
                 ramp, stop_if, frequency_at_most, frequency_per, when_limited)
VALUES ($1::text, $2::text, $3::bigint, $3::bigint, $4::bool, $5::jsonb, $6::jsonb, $7::text, $8::text, $9::text,
        $10::interval, $11::interval, $12::bool, $13::float8, $14::interval, $15::float8, $16::text[], $17::bool,
        $18::text[], $19::timestamptz, $20::float8[], $21::jsonb, $22::int, $23::interval, $24::text)
    ON CONFLICT ON CONSTRAINT run_once_per_campaign_and_key DO NOTHING
RETURNING id, public_id, state::text AS state, reason, fingerprints;

-- name: replan_run
-- Take a plan over that its process did not live to finish; nothing of it was committed, so the file may have changed.
UPDATE run AS r
   SET planner = $3::bigint, launcher = $3::bigint, high = $4::bool, definition = $5::jsonb, fingerprints = $6::jsonb,
       portfolio = $7::text, template = $8::text, when_held = $9::text, held_limit = $10::interval,
       duplicate_window = $11::interval, own_runs = $12::bool, tolerate = $13::float8, settle = $14::interval,
       rate = $15::float8, shards = $16::text[], free_form = $17::bool, templates = $18::text[], until = $19::timestamptz,
       ramp = $20::float8[], stop_if = $21::jsonb, frequency_at_most = $22::int, frequency_per = $23::interval,
       when_limited = $24::text
 WHERE r.campaign = $1::text AND r.key = $2::text AND r.state = 'planning'
   AND NOT EXISTS (SELECT FROM process AS p WHERE p.id = r.planner AND p.ended_at IS NULL)
RETURNING r.id, r.public_id, r.state::text AS state, r.reason, r.fingerprints;

-- name: known_run
SELECT id, public_id, state::text AS state, reason, fingerprints, planner, outlook ->> 'plan' AS plan
  FROM run WHERE campaign = $1::text AND key = $2::text;

-- name: run_definition
SELECT definition FROM run WHERE id = $1::bigint;

-- name: living_process
SELECT host, pid, started_at FROM process WHERE id = $1::bigint AND ended_at IS NULL;

-- name: launcher
SELECT launcher FROM run WHERE id = $1::bigint;

-- name: claim_launch
UPDATE run AS r
   SET launcher = $2::bigint
 WHERE r.id = $1::bigint
   AND (r.launcher IS NULL OR r.launcher = $2::bigint
        OR NOT EXISTS (SELECT FROM process AS p WHERE p.id = r.launcher AND p.ended_at IS NULL))
RETURNING r.id;

-- name: release_launch
UPDATE run SET launcher = NULL WHERE id = $1::bigint AND launcher = $2::bigint;

-- name: take_settings_over
-- What a later launch may change. A shard left out stays while messages of the run wait there or are under way.
UPDATE run AS r
   SET rate = $2::float8, high = $3::bool, when_held = $4::text, held_limit = $5::interval, tolerate = $6::float8,
       settle = $7::interval, stop_if = $9::jsonb, when_limited = $10::text,
       shards = $8::text[] || ARRAY(
           SELECT s.id FROM unnest(r.shards) AS s (id)
            WHERE s.id <> ALL ($8::text[])
              AND (EXISTS (SELECT FROM message AS m WHERE m.state = 'pending' AND m.shard = s.id AND m.run = r.id)
                   OR EXISTS (SELECT FROM message AS m
                               WHERE m.state = 'in_flight' AND m.run = r.id AND m.shard = s.id)))
 WHERE r.id = $1::bigint
RETURNING r.shards;

-- name: pause_by_command
-- Marks that read the run as running have committed before this returns; a pause by the program becomes an order.
WITH paused AS (
    UPDATE run SET state = 'paused', reason = 'command'
     WHERE id = $1::bigint AND state IN ('running', 'scheduled', 'paused')
    RETURNING id
), told AS (
    INSERT INTO event (name, run, detail) SELECT 'run.paused', id, $2::jsonb FROM paused
)
SELECT CASE WHEN EXISTS (SELECT FROM paused) THEN 'paused'
            ELSE (SELECT state::text FROM run WHERE id = $1::bigint) END;

-- name: resume_run
-- An order outweighs the quality assessment: the gates of the run's templates go, whether it paused or waits. It also
-- outweighs what WhatsApp last said of its numbers: their shards may go on. Marks over those hold no run meanwhile.
WITH stood AS MATERIALIZED (
    SELECT s.id
      FROM shard AS s
     WHERE s.stopped_code IS NOT NULL
       AND s.id = ANY (ARRAY(SELECT unnest(r.shards) FROM run AS r
                              WHERE r.id = $1::bigint AND r.state IN ('paused', 'running')))
     ORDER BY s.id
       FOR UPDATE OF s
), released AS (
    UPDATE shard AS s SET stopped_code = NULL, stopped_at = NULL FROM stood AS o WHERE s.id = o.id RETURNING s.id
), resumed AS (
    -- After a stop-loss only what follows counts; a step that told too little has been looked at by somebody now.
    UPDATE run AS r
       SET state = 'running', reason = NULL, started_at = coalesce(r.started_at, now()),
           judged_from = CASE WHEN r.reason = 'stop_loss' THEN now() ELSE r.judged_from END,
           step = r.step + (r.reason IS NOT DISTINCT FROM 'quality' AND (SELECT (e.detail ->> 'stuck_in')::int
                                                        FROM event AS e
                                                       WHERE e.run = r.id AND e.name = 'run.paused'
                                                       ORDER BY e.id DESC LIMIT 1) IS NOT DISTINCT FROM r.step)::int
     WHERE r.id = $1::bigint AND r.state IN ('paused', 'running')
    RETURNING id, portfolio, templates
), opened AS (
    DELETE FROM quality_gate AS g USING resumed AS r WHERE g.portfolio = r.portfolio AND g.template = ANY (r.templates)
), told AS (
    INSERT INTO event (name, run, shard, detail)
    SELECT 'run.resumed', id, NULL, $2::jsonb FROM resumed
    UNION ALL
    SELECT 'shard.released', $1::bigint, id, '{}' FROM released
)
SELECT CASE WHEN EXISTS (SELECT FROM resumed) THEN 'running'
            ELSE (SELECT state::text FROM run WHERE id = $1::bigint) END;

-- name: start_run
-- Somebody said yes: what was planned and waited is sent.
WITH started AS (
    UPDATE run SET state = 'running', started_at = coalesce(started_at, now())
     WHERE id = $1::bigint AND state = 'scheduled'
    RETURNING state
)
SELECT coalesce((SELECT state FROM started), (SELECT state FROM run WHERE id = $1::bigint))::text;

-- name: discard_run
-- Somebody said no: of a plan that nothing was sent from, nothing stays.
WITH gone AS (
    DELETE FROM run WHERE id = $1::bigint AND state = 'scheduled' RETURNING id
), messages AS (
    DELETE FROM message AS m USING gone AS g WHERE m.run = g.id
), refusals AS (
    DELETE FROM refusal AS r USING gone AS g WHERE r.run = g.id
), windows AS (
    DELETE FROM run_window AS w USING gone AS g WHERE w.run = g.id
)
SELECT id FROM gone;

-- name: cancel_run
WITH cancelled AS (
    UPDATE run SET state = 'cancelled', reason = 'command', finished_at = now()
     WHERE id = $1::bigint AND state IN ('planning', 'scheduled', 'running', 'paused')
    RETURNING id
), told AS (
    INSERT INTO event (name, run, detail) SELECT 'run.cancelled', id, $2::jsonb FROM cancelled
)
SELECT CASE WHEN EXISTS (SELECT FROM cancelled) THEN 'cancelled'
            ELSE (SELECT state::text FROM run WHERE id = $1::bigint) END;

-- name: cancel_pending
-- Cancel up to $3 pending rows of a cancelled run after row $2, in row order, and free the content they claimed, but for
-- what may have arrived before it was ordered again.
-- In batches: other runs' webhooks and records must not wait for a million rows.
WITH waiting AS MATERIALIZED (
    SELECT m.run, m.row, m.person, m.content, m.attempt, m.taken_before
      FROM message AS m
      JOIN run AS r ON r.id = m.run AND r.state = 'cancelled'
     WHERE m.run = $1::bigint AND m.row > $2::int AND m.state = 'pending'
     ORDER BY m.row
     LIMIT $3::int
       FOR UPDATE OF m
), cancelled AS (
    UPDATE message AS m
       SET state = 'cancelled', settled_at = now()
      FROM waiting AS w
     WHERE m.run = w.run AND m.row = w.row
    RETURNING m.row
), freed AS (
    DELETE FROM content_claim AS c
     USING (SELECT k.person, k.content
              FROM waiting AS w
              JOIN content_claim AS k ON k.person = w.person AND k.content = w.content
             WHERE w.attempt > 0 AND NOT w.taken_before AND NOT k.inherited AND k.run = w.run AND k.row = w.row
             ORDER BY k.person, k.content
               FOR UPDATE OF k) AS f
     WHERE c.person = f.person AND c.content = f.content
)
SELECT count(*)::int AS rows, coalesce(max(row), 0) AS last FROM cancelled;

-- name: count_in_flight
SELECT count(*)::int FROM message WHERE state = 'in_flight' AND run = $1::bigint;
