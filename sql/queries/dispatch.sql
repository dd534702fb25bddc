-- name: take
-- Become the owner of a free shard ($1) as process $2, and fence whoever was. $3: its configured ceiling.
-- Free: nobody's, or its owner is dead, which bury decides alone. Who was taken for dead takes nothing.
UPDATE shard AS s
   SET epoch = s.epoch + 1, owner = $2::bigint, taken_at = clock_timestamp(), ceiling = $3::float8
 WHERE s.id = $1::text
   AND NOT EXISTS (SELECT FROM process AS p WHERE p.id = $2::bigint AND p.ended_at IS NOT NULL)
   AND NOT EXISTS (SELECT FROM process AS p
                    WHERE p.id = s.owner AND p.id <> $2::bigint AND p.ended_at IS NULL)
RETURNING s.epoch, s.lowered;

-- name: introduce_shards
-- Shards ($1) and what the platform calls their numbers ($2), which may have changed since; people dial another number
-- then too.
INSERT INTO shard AS s (id, address)
SELECT u.id, u.address FROM unnest($1::text[], $2::text[]) AS u (id, address) ORDER BY u.id
    ON CONFLICT (id) DO UPDATE
   SET address = excluded.address, display = (SELECT min(o.display) FROM shard AS o WHERE o.address = excluded.address)
 WHERE s.address IS DISTINCT FROM excluded.address;

-- name: still_ours
SELECT EXISTS (SELECT FROM shard WHERE id = $1::text AND epoch = $2::bigint AND owner = $3::bigint);

-- name: give_back
UPDATE shard SET owner = NULL WHERE id = $1::text AND epoch = $2::bigint;

-- name: note_ceiling
-- Keep the ceiling of now ($3), and how far WhatsApp's answers lowered the shard ($4): the next owner starts there.
UPDATE shard
   SET ceiling = $3::float8, lowered = $4::float8,
       lowered_at = CASE WHEN lowered IS DISTINCT FROM $4::float8 THEN now() ELSE lowered_at END
 WHERE id = $1::text AND epoch = $2::bigint;

-- name: stop_shard
-- WhatsApp refuses the number of shard $1 with code $3: nothing more is marked over it. Marks under way hold the row.
WITH stopped AS (
    UPDATE shard SET stopped_code = $3::int, stopped_at = now()
     WHERE id = $1::text AND epoch = $2::bigint AND stopped_code IS NULL
    RETURNING id
)
INSERT INTO event (name, shard, detail)
SELECT 'shard.stopped', id, jsonb_build_object('code', $3::int) FROM stopped
RETURNING shard;

-- name: inbound_rate
-- Messages per second that number $1 receives: the last full minute, or the current one so far if that is more.
SELECT coalesce(max(messages), 0) / 60.0::float8
  FROM inbound_minute
 WHERE address = $1::text AND minute IN (date_trunc('minute', now()), date_trunc('minute', now()) - interval '1 minute');

-- name: runs_with_work
-- Running runs that send over shard $1, without those whose template waits for quality assessment; none if it stands.
SELECT r.id, r.public_id, r.high, r.rate, r.shards, r.definition, r.template, r.portfolio, r.when_held
  FROM run AS r
 WHERE r.state = 'running' AND $1::text = ANY (r.shards)
   AND NOT EXISTS (SELECT FROM quality_gate AS g WHERE g.portfolio = r.portfolio AND g.template = r.template)
   AND NOT EXISTS (SELECT FROM shard AS s WHERE s.id = $1::text AND s.stopped_code IS NOT NULL)
 ORDER BY r.id;

-- name: read_ahead
-- What is due of run $2 on shard $1 after ($3 not_before, $4 row), in the order of the index; nothing is written.
SELECT row, attempt, pair_waits, day_waits, number, variables, not_before
  FROM message
 WHERE state = 'pending' AND shard = $1::text AND run = $2::bigint
   AND (not_before, row) > ($3::timestamptz, $4::int) AND not_before <= now()
 ORDER BY not_before, row
 LIMIT $5::int;

-- name: mark
-- Commit the intent to send, one verdict a row. $1 shard, $2 epoch, $3 process, $4 runs, $5 rows, $6 attempts.
-- One statement, hence one transaction: fence, stop, pause, suppression, window and content claim are decided together.
-- Rows, then claims, each in key order, as everywhere: two senders cannot wait for each other in a circle.
WITH durable AS MATERIALIZED (
    SELECT set_config('synchronous_commit', 'on', true)
), fence AS MATERIALIZED (
    SELECT s.id, s.address, s.stopped_code
      FROM shard AS s, durable
     WHERE s.id = $1::text AND s.epoch = $2::bigint
       FOR SHARE OF s
), asked AS MATERIALIZED (
    SELECT * FROM unnest($4::bigint[], $5::int[], $6::smallint[]) AS a (run, row, attempt)
), live AS MATERIALIZED (
    SELECT r.id, r.campaign, r.own_runs, r.duplicate_window, r.definition ->> 'category' AS category, r.free_form,
           EXISTS (SELECT FROM quality_gate AS g WHERE g.portfolio = r.portfolio AND g.template = r.template) AS gated
      FROM run AS r
     WHERE r.id = ANY ($4::bigint[]) AND r.state = 'running'
       AND EXISTS (SELECT FROM fence WHERE stopped_code IS NULL)
     ORDER BY r.id
       FOR SHARE OF r
), due AS MATERIALIZED (
    SELECT m.run, m.row, m.person, m.content, m.not_after, m.taken_before, m.number = '' AS erased, l.campaign,
           l.own_runs, l.duplicate_window, l.category, l.free_form
      FROM asked AS a
      JOIN live AS l ON l.id = a.run AND NOT l.gated
      JOIN message AS m ON m.run = a.run AND m.row = a.row
     WHERE m.state = 'pending' AND m.attempt = a.attempt AND m.shard = $1::text AND m.not_before <= now()
     ORDER BY m.run, m.row
       FOR UPDATE OF m
), judged AS MATERIALIZED (
    -- turn: of several rows with one person and content in this statement, only the first may ask for the claim now.
    SELECT d.*,
           row_number() OVER (PARTITION BY d.person, d.content ORDER BY d.run, d.row) AS turn,
           CASE WHEN d.not_after <= now() THEN 'expired'
                WHEN d.erased
                  OR EXISTS (SELECT FROM suppression AS s
                              WHERE s.person = d.person
                                AND (s.scope = 'all' OR s.scope = d.category)) THEN 'suppressed'
                WHEN d.free_form
                 AND NOT EXISTS (SELECT FROM customer_window AS w
                                  WHERE w.person = d.person AND w.address = (SELECT f.address FROM fence AS f)
                                    AND w.until > now()) THEN 'window_closed'
           END AS left_out
      FROM due AS d
), claimed AS (
    INSERT INTO content_claim AS c (person, content, campaign, run, row, until)
    SELECT j.person, j.content, j.campaign, j.run, j.row, now() + j.duplicate_window
      FROM judged AS j
     WHERE j.left_out IS NULL AND j.duplicate_window IS NOT NULL AND j.turn = 1
     ORDER BY j.person, j.content
        ON CONFLICT ON CONSTRAINT content_once_per_person DO UPDATE
       SET campaign = excluded.campaign, run = excluded.run, row = excluded.row, until = excluded.until,
           inherited = c.until >= now() AND (c.inherited OR (c.run, c.row) <> (excluded.run, excluded.row))
     WHERE c.until < now()
        OR (c.run, c.row) = (excluded.run, excluded.row)
        OR c.campaign = excluded.campaign AND (SELECT l.own_runs FROM live AS l WHERE l.id = excluded.run)
    RETURNING c.run, c.row
), decided AS MATERIALIZED (
    SELECT j.run, j.row,
           CASE WHEN j.left_out IS NOT NULL THEN j.left_out
                WHEN j.duplicate_window IS NOT NULL AND k.run IS NULL THEN 'already_sent' END AS left_out
      FROM judged AS j
      LEFT JOIN claimed AS k ON k.run = j.run AND k.row = j.row
     WHERE j.turn = 1 OR j.left_out IS NOT NULL OR j.duplicate_window IS NULL
), written AS (
    UPDATE message AS m
       SET state = CASE WHEN d.left_out IS NULL THEN 'in_flight' ELSE 'skipped' END::send_state,
           attempt = m.attempt + (d.left_out IS NULL)::int,
           marked_by = CASE WHEN d.left_out IS NULL THEN $3::bigint ELSE m.marked_by END,
           marked_at = CASE WHEN d.left_out IS NULL THEN clock_timestamp() ELSE m.marked_at END,
           settled_at = CASE WHEN d.left_out IS NULL THEN NULL ELSE now() END,
           reason = d.left_out
      FROM decided AS d
     WHERE m.run = d.run AND m.row = d.row
    RETURNING m.run, m.row, m.reason
), freed AS (
    -- Left out after an earlier attempt that did not leave: what that one claimed was never sent. Not so after an order
    -- to send again what may have arrived.
    DELETE FROM content_claim AS c
     USING (SELECT k.person, k.content
              FROM judged AS j
              JOIN content_claim AS k ON k.person = j.person AND k.content = j.content
             WHERE j.left_out IS NOT NULL AND NOT j.taken_before AND NOT k.inherited
               AND k.run = j.run AND k.row = j.row
             ORDER BY k.person, k.content
               FOR UPDATE OF k) AS f
     WHERE c.person = f.person AND c.content = f.content
)
SELECT a.run, a.row,
       CASE WHEN NOT EXISTS (SELECT FROM fence) THEN 'fenced'
            WHEN w.run IS NOT NULL AND w.reason IS NULL THEN 'marked'
            WHEN w.run IS NOT NULL THEN 'skipped'
            WHEN l.gated THEN 'later'
            WHEN l.id IS NULL THEN 'stopped'
            ELSE 'later' END AS verdict,
       w.reason
  FROM asked AS a
  LEFT JOIN live AS l ON l.id = a.run
  LEFT JOIN written AS w ON w.run = a.run AND w.row = a.row;

-- name: hold_runs
-- Before any of their messages is locked, as in a mark.
SELECT FROM run WHERE id = ANY ($1::bigint[]) ORDER BY id FOR SHARE;

-- name: record
-- Write what became of attempts, guarded by state and attempt; the first message ID is kept.
-- $1 runs, $2 rows, $3 attempts, $4 states, $5 message ids, $6 held, $7 codes, $8 reasons, $9 seconds to wait, $10 pair,
-- $11 put off to another day.
-- An answer that comes after rescue or after a webhook is still the truth about its own attempt.
-- Judged by the rows as they are once locked, not as the statement first saw them: a webhook may have come between.
-- The run is locked too: what goes back in line while it is cancelled would be forgotten there.
-- Of a person who was forgotten meanwhile nothing is kept but that it was accepted.
WITH answer AS MATERIALIZED (
    SELECT * FROM unnest($1::bigint[], $2::int[], $3::smallint[], $4::text[], $5::text[], $6::bool[], $7::int[],
                         $8::text[], $9::float8[], $10::bool[], $11::bool[])
        AS a (run, row, attempt, state, message_id, held, code, reason, wait, pair, day)
), run_of AS MATERIALIZED (
    SELECT r.id, r.state FROM run AS r WHERE r.id = ANY ($1::bigint[]) ORDER BY r.id FOR SHARE OF r
), locked AS MATERIALIZED (
    SELECT m.run, m.row, m.person, m.content, m.state AS was, m.message_id AS had, r.state AS run_state,
           m.number = '' AS erased, a.state, a.message_id, a.held, a.code, a.reason, a.wait, a.pair, a.day
      FROM answer AS a
      JOIN run_of AS r ON r.id = a.run
      JOIN message AS m ON m.run = a.run AND m.row = a.row
     WHERE m.attempt = a.attempt
     ORDER BY m.run, m.row
       FOR UPDATE OF m
), settled AS (
    UPDATE message AS m
       SET state = (CASE WHEN l.state = 'pending' AND l.run_state = 'cancelled' AND l.was = 'in_flight' THEN 'cancelled'
                         ELSE l.state END)::send_state,
           message_id = CASE WHEN NOT l.erased THEN coalesce(l.message_id, m.message_id) END,
           delivery = (CASE WHEN l.state = 'accepted' AND l.held THEN 'held' ELSE 'none' END)::delivery_state,
           was_held = l.held,
           was_unknown = l.state = 'unknown' OR m.was_unknown AND l.state <> 'pending',
           code = l.code,
           reason = CASE WHEN l.erased AND l.state = 'accepted' THEN 'erased' ELSE l.reason END,
           settled_at = now(),
           pair_waits = m.pair_waits + l.pair::int,
           day_waits = m.day_waits + l.day::int,
           not_before = CASE WHEN l.wait > 0 THEN now() + make_interval(secs => l.wait) ELSE m.not_before END
      FROM locked AS l
     WHERE m.run = l.run AND m.row = l.row AND l.was IN ('in_flight', 'unknown')
       AND NOT (l.was = 'unknown' AND l.state = 'unknown')
       -- Nobody would send it there: a late "not now" of a run that is over stays in doubt, for a command to settle.
       AND NOT (l.was = 'unknown' AND l.state = 'pending' AND l.run_state IN ('finished', 'cancelled'))
    RETURNING m.run, m.row, m.person, m.content, m.state, m.taken_before
), doubled AS (
    UPDATE message AS m
       SET multi_id = true
      FROM locked AS l
     WHERE m.run = l.run AND m.row = l.row AND l.was = 'accepted' AND l.had <> l.message_id
    RETURNING m.run, m.row
), held AS (
    UPDATE message AS m
       SET was_held = true
      FROM locked AS l
     WHERE m.run = l.run AND m.row = l.row AND l.was = 'accepted' AND l.held AND l.had = l.message_id
    RETURNING m.run
), freed AS (
    DELETE FROM content_claim AS c
     USING (SELECT k.person, k.content, s.run, s.row
              FROM settled AS s
              JOIN content_claim AS k ON k.person = s.person AND k.content = s.content
             WHERE s.state IN ('rejected', 'cancelled') AND NOT s.taken_before AND NOT k.inherited
               AND k.run = s.run AND k.row = s.row
             ORDER BY k.person, k.content
               FOR UPDATE OF k) AS f
     WHERE c.person = f.person AND c.content = f.content
), waiting AS (
    -- A held answer is a fact like any other, so that the fold sees it whatever webhooks say later.
    INSERT INTO fact (message_id, status, at, run, row)
    SELECT l.message_id, 'held_for_quality_assessment', now(), l.run, l.row
      FROM locked AS l WHERE l.held AND l.message_id IS NOT NULL AND NOT l.erased
     ORDER BY l.message_id
        ON CONFLICT DO NOTHING
)
SELECT a.run, a.row, s.state::text AS state, d.run IS NOT NULL AS doubled
  FROM answer AS a
  LEFT JOIN settled AS s ON s.run = a.run AND s.row = a.row
  LEFT JOIN doubled AS d ON d.run = a.run AND d.row = a.row;

-- name: pause_run
-- Stop a run for a reason; marks that read it as running have committed before this returns. $3: what there is to say.
WITH paused AS (
    UPDATE run SET state = 'paused', reason = $2::text WHERE id = $1::bigint AND state = 'running' RETURNING id
)
INSERT INTO event (name, run, detail)
SELECT 'run.paused', id, $3::jsonb || jsonb_build_object('reason', $2::text) FROM paused
RETURNING run;

-- name: pause_portfolio
-- What stops one run's account or token stops all runs of its portfolio.
WITH stopped AS MATERIALIZED (
    SELECT r.id
      FROM run AS r
     WHERE r.state = 'running' AND r.portfolio = (SELECT o.portfolio FROM run AS o WHERE o.id = $1::bigint)
     ORDER BY r.id
       FOR UPDATE OF r
), paused AS (
    UPDATE run AS r SET state = 'paused', reason = $2::text FROM stopped AS s WHERE r.id = s.id RETURNING r.id
)
INSERT INTO event (name, run, detail)
SELECT 'run.paused', id, $3::jsonb || jsonb_build_object('reason', $2::text) FROM paused ORDER BY id
RETURNING run;

-- name: close_gate
-- Hold a template of a portfolio back until its quality assessment is over.
WITH closed AS (
    INSERT INTO quality_gate (portfolio, template, run)
    SELECT r.portfolio, r.template, r.id FROM run AS r WHERE r.id = $1::bigint
        ON CONFLICT DO NOTHING
    RETURNING run
)
INSERT INTO event (name, run) SELECT 'gate.closed', run FROM closed;

-- name: finish_run
-- Finished is: no row pending or in flight. Shards are few, so each looks once into its own index.
UPDATE run AS r
   SET state = 'finished', finished_at = now(), reason = NULL
 WHERE r.id = $1::bigint AND r.state = 'running'
   AND NOT EXISTS (SELECT FROM unnest(r.shards) AS s (id), LATERAL (
           SELECT FROM message AS m WHERE m.state = 'pending' AND m.shard = s.id AND m.run = r.id LIMIT 1) AS p)
   AND NOT EXISTS (SELECT FROM message AS m WHERE m.state = 'in_flight' AND m.run = r.id)
RETURNING r.id;

-- name: note_departures
UPDATE run
   SET first_departure_at = least(first_departure_at, $2::timestamptz),
       last_departure_at = greatest(last_departure_at, $3::timestamptz)
 WHERE id = $1::bigint;

-- name: write_interval
INSERT INTO shard_interval (shard, run, process, started_at, seconds, ceiling, used, departed, worst_second, accepted,
                            held, not_now, rejected, unknown, in_flight, lost, post_seconds, mark_seconds, loop_lag)
VALUES ($1::text, $2::bigint, $3::bigint, $4::timestamptz, $5::float8, $6::float8, $7::float8, $8::int, $9::int,
        $10::int, $11::int, $12::int, $13::int, $14::int, $15::int, $16::jsonb, $17::int[], $18::int[], $19::float8)
    ON CONFLICT DO NOTHING;
