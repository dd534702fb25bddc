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
SELECT r.id, r.public_id, r.high, r.rate, r.shards, r.definition, r.template, r.portfolio, r.when_held,
       r.when_limited
  FROM run AS r
 WHERE r.state = 'running' AND $1::text = ANY (r.shards)
   AND NOT EXISTS (SELECT FROM quality_gate AS g WHERE g.portfolio = r.portfolio AND g.template = ANY (r.templates))
   AND NOT EXISTS (SELECT FROM shard AS s WHERE s.id = $1::text AND s.stopped_code IS NOT NULL)
 ORDER BY r.id;

-- name: read_ahead
-- What is due of run $2 on shard $1 after ($3 not_before, $4 row), in the order of the index; nothing is written.
SELECT row, attempt, pair_waits, day_waits, number, variables, not_before, variant
  FROM message
 WHERE state = 'pending' AND shard = $1::text AND run = $2::bigint
   AND (not_before, row) > ($3::timestamptz, $4::int) AND not_before <= now()
 ORDER BY not_before, row
 LIMIT $5::int;

-- name: capped
SELECT id FROM run WHERE id = ANY ($1::bigint[]) AND frequency_at_most IS NOT NULL;

-- name: keep_to_caps
-- Before a mark under a cap, in its transaction: of two that would write to the same person, the second sees what the
-- first one did. $1 runs, $2 rows. In the order of the keys, so that two cannot wait for each other in a circle.
WITH people AS MATERIALIZED (
    SELECT DISTINCT hashtext(encode(m.person, 'hex')) AS key
      FROM unnest($1::bigint[], $2::int[]) AS a (run, row)
      JOIN run AS r ON r.id = a.run AND r.frequency_at_most IS NOT NULL
      JOIN message AS m ON m.run = a.run AND m.row = a.row
     ORDER BY key
)
SELECT pg_advisory_xact_lock(7146, key) FROM people;

-- name: mark
-- Commit the intent to send, one verdict a row. $1 shard, $2 epoch, $3 process, $4 runs, $5 rows, $6 attempts.
-- One statement, hence one transaction: fence, stop, pause, suppression, window and content claim are decided together.
-- Rows, then claims, each in key order, as everywhere: two senders cannot wait for each other in a circle.
-- Where a portfolio is limited, the shard's row is locked for writing and pays for each person who is written to; what it
-- cannot pay for is limited, unless they count already. Where none is, nobody is counted, and the shard is not written.
WITH durable AS MATERIALIZED (
    SELECT set_config('synchronous_commit', 'on', true)
), capped AS MATERIALIZED (
    SELECT p.portfolio, p.span, p.counts_for
      FROM portfolio AS p
     WHERE p.people IS NOT NULL AND p.portfolio IN (SELECT r.portfolio FROM run AS r WHERE r.id = ANY ($4::bigint[]))
), shared_fence AS MATERIALIZED (
    SELECT s.id, s.address, s.stopped_code, 0 AS allowance, NULL AS allowance_of
      FROM shard AS s, durable
     WHERE s.id = $1::text AND s.epoch = $2::bigint AND NOT EXISTS (SELECT FROM capped)
       FOR SHARE OF s
), paying_fence AS MATERIALIZED (
    SELECT s.id, s.address, s.stopped_code, s.allowance, s.allowance_of
      FROM shard AS s, durable
     WHERE s.id = $1::text AND s.epoch = $2::bigint AND EXISTS (SELECT FROM capped)
       FOR NO KEY UPDATE OF s
), fence AS MATERIALIZED (
    SELECT * FROM shared_fence UNION ALL SELECT * FROM paying_fence
), asked AS MATERIALIZED (
    SELECT * FROM unnest($4::bigint[], $5::int[], $6::smallint[]) AS a (run, row, attempt)
), live AS MATERIALIZED (
    SELECT r.id, r.campaign, r.own_runs, r.duplicate_window, r.definition ->> 'category' AS category, r.free_form,
           c.portfolio, c.span, c.counts_for,
           r.step, r.until, r.frequency_at_most, r.frequency_per,
           EXISTS (SELECT FROM quality_gate AS g
                    WHERE g.portfolio = r.portfolio AND g.template = ANY (r.templates)) AS gated
      FROM run AS r
      LEFT JOIN capped AS c ON c.portfolio = r.portfolio
     WHERE r.id = ANY ($4::bigint[]) AND r.state = 'running'
       AND EXISTS (SELECT FROM fence WHERE stopped_code IS NULL)
     ORDER BY r.id
       FOR SHARE OF r
), due AS MATERIALIZED (
    SELECT m.run, m.row, m.person, m.content, m.not_after, m.taken_before, m.number = '' AS erased, l.campaign,
           l.own_runs, l.duplicate_window, l.category, l.free_form, l.frequency_at_most, l.frequency_per,
           l.portfolio, l.span, l.counts_for, m.zone,
           -- An intent may leave up to five seconds after its mark.
           least(m.not_after, l.until) <= now() + interval '5 seconds' AS shut
      FROM asked AS a
      JOIN live AS l ON l.id = a.run AND NOT l.gated
      JOIN message AS m ON m.run = a.run AND m.row = a.row
     WHERE m.state = 'pending' AND m.attempt = a.attempt AND m.shard = $1::text AND m.not_before <= now()
       AND m.step <= l.step
     ORDER BY m.run, m.row
       FOR UPDATE OF m
), next_window AS MATERIALIZED (
    SELECT d.run, d.row, w.opens_at, w.closes_at
      FROM due AS d
     CROSS JOIN LATERAL (
          SELECT o.opens_at, o.closes_at
            FROM run_window AS o
           WHERE o.run = d.run AND o.zone = d.zone AND o.closes_at > now() + interval '5 seconds'
           ORDER BY o.opens_at
           LIMIT 1) AS w
     WHERE d.shut
), put_off AS (
    -- What was not sent in its hours waits for the next ones.
    UPDATE message AS m
       SET not_before = w.opens_at, not_after = w.closes_at
      FROM next_window AS w
     WHERE m.run = w.run AND m.row = w.row
), recent AS MATERIALIZED (
    -- Runs that may have written to somebody within the period of a cap: few, and none is looked for without one.
    SELECT o.id
      FROM run AS o
     WHERE EXISTS (SELECT FROM live WHERE frequency_at_most IS NOT NULL) AND o.definition ->> 'category' = 'marketing'
       AND (o.state IN ('running', 'paused') OR o.finished_at > now() - (SELECT max(frequency_per) FROM live))
), judged AS MATERIALIZED (
    -- turn: of several rows with one person and content in this statement, only the first may ask for the claim now.
    SELECT d.*,
           row_number() OVER (PARTITION BY d.person, d.content ORDER BY d.run, d.row) AS turn,
           CASE WHEN d.shut THEN 'expired'
                WHEN d.erased
                  OR EXISTS (SELECT FROM suppression AS s
                              WHERE s.person = d.person
                                AND (s.scope = 'all' OR s.scope = d.category)) THEN 'suppressed'
                WHEN d.free_form
                 AND NOT EXISTS (SELECT FROM customer_window AS w
                                  WHERE w.person = d.person AND w.address = (SELECT f.address FROM fence AS f)
                                    AND w.until > now()) THEN 'window_closed'
                WHEN d.frequency_at_most IS NOT NULL
                 AND d.frequency_at_most <= (
                         SELECT count(*)
                           FROM recent AS o
                           JOIN message AS w ON w.run = o.id AND w.person = d.person
                          WHERE w.state IN ('in_flight', 'accepted', 'unknown')
                            AND w.marked_at > now() - d.frequency_per) THEN 'frequency_cap'
           END AS left_out,
           -- Whom a cap protects has one message decided at a time.
           d.frequency_at_most IS NOT NULL
               AND row_number() OVER (PARTITION BY d.person ORDER BY d.run, d.row) > 1 AS waits
      FROM due AS d
     WHERE NOT EXISTS (SELECT FROM next_window AS w WHERE w.run = d.run AND w.row = d.row)
), priced AS MATERIALIZED (
    -- chargeable: it counts. Within an open customer service window nobody does, if that lasts until WhatsApp has the
    -- message for certain.
    SELECT j.*,
           j.portfolio IS NOT NULL AND j.left_out IS NULL AND NOT j.waits
           AND NOT EXISTS (SELECT FROM customer_window AS w
                            WHERE w.person = j.person AND w.address = (SELECT f.address FROM fence AS f)
                              AND w.until > now() + (j.counts_for - j.span)) AS chargeable
      FROM judged AS j
), short AS MATERIALIZED (
    -- Portfolios for which the shard may count fewer people than there are messages here. Where it may count all, all are
    -- paid for and nobody is looked up: who was paid for twice comes back when they are counted anew.
    SELECT p.portfolio, coalesce(f.allowance, 0) AS allowance
      FROM priced AS p
      LEFT JOIN fence AS f ON f.allowance_of = p.portfolio
     WHERE p.chargeable
     GROUP BY p.portfolio, f.allowance
    HAVING count(*) > coalesce(f.allowance, 0)
), counted AS MATERIALIZED (
    -- Who counts already, by what nothing can give back any more: a message that was accepted, or this very one. Who is
    -- about to fall out pays again, since a lease may have given their place away.
    SELECT p.person, p.portfolio
      FROM short AS s
      JOIN priced AS p ON p.portfolio = s.portfolio AND p.chargeable
      JOIN content_claim AS c ON c.person = p.person AND c.counted_at > now() - p.span
      JOIN run AS r ON r.id = c.run AND r.portfolio = p.portfolio
     WHERE (c.run, c.row) = (p.run, p.row)
        OR (SELECT m.state = 'accepted' FROM message AS m WHERE m.run = c.run AND m.row = c.row)
), limited AS MATERIALIZED (
    -- What the shard cannot pay for. One person pays once, however many of their messages are asked for.
    SELECT n.run, n.row
      FROM (SELECT p.run, p.row, s.allowance, dense_rank() OVER (PARTITION BY p.portfolio ORDER BY p.person) AS nth
              FROM short AS s
              JOIN priced AS p ON p.portfolio = s.portfolio AND p.chargeable
             WHERE NOT EXISTS (SELECT FROM counted AS c
                                WHERE c.person = p.person AND c.portfolio = p.portfolio)) AS n
     WHERE n.nth > n.allowance
), claimed AS (
    -- Of a limited portfolio also whom it writes to, and when. A run that claims no content says so under a name of the
    -- message's own, which is nobody's content.
    INSERT INTO content_claim AS c (person, content, campaign, run, row, until, counted_at)
    SELECT j.person, CASE WHEN j.duplicate_window IS NULL THEN int8send(j.run) || int4send(j.row) ELSE j.content END,
           j.campaign, j.run, j.row, now() + coalesce(j.duplicate_window, interval '0'),
           CASE WHEN j.chargeable THEN now() END
      FROM priced AS j
     WHERE j.left_out IS NULL AND NOT j.waits
       AND CASE WHEN j.duplicate_window IS NULL THEN j.chargeable ELSE j.turn = 1 END
       AND NOT EXISTS (SELECT FROM limited AS n WHERE n.run = j.run AND n.row = j.row)
     ORDER BY 1, 2
        ON CONFLICT ON CONSTRAINT content_once_per_person DO UPDATE
       SET campaign = excluded.campaign, run = excluded.run, row = excluded.row, until = excluded.until,
           counted_at = coalesce(excluded.counted_at, c.counted_at),
           inherited = (c.until >= now()
                        OR coalesce(c.counted_at > now() - (SELECT l.counts_for FROM live AS l WHERE l.id = excluded.run),
                                    false))
                       AND (c.inherited OR (c.run, c.row) <> (excluded.run, excluded.row))
     WHERE c.until < now()
        OR (c.run, c.row) = (excluded.run, excluded.row)
        OR c.campaign = excluded.campaign AND (SELECT l.own_runs FROM live AS l WHERE l.id = excluded.run)
    RETURNING c.run, c.row
), decided AS MATERIALIZED (
    SELECT j.run, j.row,
           CASE WHEN j.left_out IS NOT NULL THEN j.left_out
                WHEN j.duplicate_window IS NOT NULL AND k.run IS NULL THEN 'already_sent' END AS left_out,
           j.person, j.portfolio, j.chargeable
      FROM priced AS j
      LEFT JOIN claimed AS k ON k.run = j.run AND k.row = j.row
     WHERE (j.turn = 1 OR j.left_out IS NOT NULL OR j.duplicate_window IS NULL) AND NOT j.waits
       AND NOT EXISTS (SELECT FROM limited AS n WHERE n.run = j.run AND n.row = j.row)
), bill AS MATERIALIZED (
    -- One person pays once, however many of their messages are asked for.
    SELECT count(DISTINCT d.person)::int AS people
      FROM decided AS d
     WHERE d.chargeable AND d.left_out IS NULL
       AND NOT EXISTS (SELECT FROM counted AS c WHERE c.person = d.person AND c.portfolio = d.portfolio)
), paid AS (
    -- Of what was read with the lock: as the statement first saw the row, it may have had less.
    UPDATE shard AS s
       SET allowance = f.allowance - b.people, allowance_at = now()
      FROM bill AS b, fence AS f
     WHERE s.id = f.id AND b.people > 0
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
            WHEN EXISTS (SELECT FROM limited AS n WHERE n.run = a.run AND n.row = a.row) THEN 'limited'
            ELSE 'later' END AS verdict,
       w.reason, l.portfolio,
       (SELECT f.allowance - b.people FROM fence AS f, bill AS b WHERE f.allowance_of = l.portfolio) AS allowance
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
    SELECT r.id, r.state, r.shards FROM run AS r WHERE r.id = ANY ($1::bigint[]) ORDER BY r.id FOR SHARE OF r
), locked AS MATERIALIZED (
    SELECT m.run, m.row, m.person, m.content, m.state AS was, m.message_id AS had, r.state AS run_state,
           r.state IN ('finished', 'cancelled') OR m.shard <> ALL (r.shards) AS left, m.number = '' AS erased,
           a.state, a.message_id, a.held, a.code, a.reason, a.wait, a.pair, a.day
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
           -- Its hours may have been changed meanwhile.
           not_before = greatest(m.not_before, CASE WHEN l.wait > 0 THEN now() + make_interval(secs => l.wait) END)
      FROM locked AS l
     WHERE m.run = l.run AND m.row = l.row AND l.was IN ('in_flight', 'unknown')
       AND NOT (l.was = 'unknown' AND l.state = 'unknown')
       -- Nobody would send it there: a late "not now" of a run that is over, or that has left its shard, stays in doubt,
       -- for a command to settle.
       AND NOT (l.was = 'unknown' AND l.state = 'pending' AND l.left)
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
), untaken AS MATERIALIZED (
    -- What nobody has by these attempts: the content is free again if the message is over, and so is the person's place
    -- in the window of a limited portfolio.
    SELECT k.person, k.content, k.content = s.content AND s.state IN ('rejected', 'cancelled') AS free
      FROM settled AS s
      JOIN content_claim AS k ON k.person = s.person AND k.run = s.run AND k.row = s.row
     WHERE s.state IN ('rejected', 'cancelled', 'pending') AND NOT s.taken_before AND NOT k.inherited
       AND (k.content = s.content AND s.state IN ('rejected', 'cancelled') OR k.counted_at IS NOT NULL)
     ORDER BY k.person, k.content
       FOR UPDATE OF k
), freed AS (
    DELETE FROM content_claim AS c USING untaken AS u WHERE u.free AND c.person = u.person AND c.content = u.content
), uncounted AS (
    UPDATE content_claim AS c
       SET counted_at = NULL
      FROM untaken AS u
     WHERE NOT u.free AND c.person = u.person AND c.content = u.content
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
-- Hold the template of a run's variant ($2) back, over its whole portfolio, until its quality assessment is over.
WITH closed AS (
    INSERT INTO quality_gate (portfolio, template, run)
    SELECT r.portfolio, r.templates[$2::int + 1], r.id FROM run AS r WHERE r.id = $1::bigint
        ON CONFLICT DO NOTHING
    RETURNING run
)
INSERT INTO event (name, run) SELECT 'gate.closed', run FROM closed;

-- name: follow_hours
-- Rows of shards ($1, epochs $2) whose window has closed: to the next window of their zone or, where there is none, over.
-- $3 runs, $4 up to when their windows were followed already: nothing of those is pending in them. At most $5 rows.
-- A window's rows have its beginning as their not_before, so each is looked up in the index of what is pending.
WITH ours AS MATERIALIZED (
    SELECT s.id
      FROM unnest($1::text[], $2::bigint[]) AS o (shard, epoch)
      JOIN shard AS s ON s.id = o.shard AND s.epoch = o.epoch
), looked AS MATERIALIZED (
    SELECT r.id, r.shards, coalesce(k.followed, '-infinity') AS followed
      FROM run AS r
      LEFT JOIN unnest($3::bigint[], $4::timestamptz[]) AS k (run, followed) ON k.run = r.id
     WHERE r.state = 'running' AND EXISTS (SELECT FROM run_window AS w WHERE w.run = r.id)
), closed AS MATERIALIZED (
    SELECT DISTINCT w.run, w.opens_at, s.id AS shard
      FROM looked AS l
      JOIN run_window AS w ON w.run = l.id
       AND w.closes_at <= now() + interval '5 seconds' AND w.closes_at > l.followed
      JOIN ours AS s ON s.id = ANY (l.shards)
), passed AS MATERIALIZED (
    SELECT m.run, m.row
      FROM closed AS c
     CROSS JOIN LATERAL (
          SELECT p.run, p.row
            FROM message AS p
           WHERE p.state = 'pending' AND p.shard = c.shard AND p.run = c.run
             -- Equal, said in a way that has the planner take the index even where all of them are.
             AND p.not_before >= c.opens_at AND p.not_before <= c.opens_at
             AND p.not_after <= now() + interval '5 seconds'
           ORDER BY p.not_before, p.row
           LIMIT $5::int) AS m
     LIMIT $5::int
), locked AS MATERIALIZED (
    SELECT m.run, m.row, m.zone, m.person, m.content, m.taken_before
      FROM passed AS p
      JOIN message AS m ON m.run = p.run AND m.row = p.row
     WHERE m.state = 'pending' AND m.not_after <= now() + interval '5 seconds'
     ORDER BY m.run, m.row
       FOR UPDATE OF m
), judged AS MATERIALIZED (
    SELECT l.*, w.opens_at, w.closes_at
      FROM locked AS l
      LEFT JOIN LATERAL (
          SELECT o.opens_at, o.closes_at
            FROM run_window AS o
           WHERE o.run = l.run AND o.zone = l.zone AND o.closes_at > now() + interval '5 seconds'
           ORDER BY o.opens_at
           LIMIT 1) AS w ON true
), put_off AS (
    UPDATE message AS m
       SET not_before = j.opens_at, not_after = j.closes_at
      FROM judged AS j
     WHERE m.run = j.run AND m.row = j.row AND j.opens_at IS NOT NULL
    RETURNING m.run
), expired AS (
    UPDATE message AS m
       SET state = 'skipped', reason = 'expired', settled_at = now()
      FROM judged AS j
     WHERE m.run = j.run AND m.row = j.row AND j.opens_at IS NULL
    RETURNING m.run, m.row, m.person, m.content, m.taken_before
), freed AS (
    -- Of an earlier attempt that did not leave: what it claimed was never sent.
    DELETE FROM content_claim AS c
     USING (SELECT k.person, k.content
              FROM expired AS e
              JOIN content_claim AS k ON k.person = e.person AND k.content = e.content
             WHERE NOT e.taken_before AND NOT k.inherited AND k.run = e.run AND k.row = e.row
             ORDER BY k.person, k.content
               FOR UPDATE OF k) AS f
     WHERE c.person = f.person AND c.content = f.content
)
SELECT (SELECT count(*)::int FROM put_off) AS put_off, (SELECT count(*)::int FROM expired) AS expired,
       now() + interval '5 seconds' AS until, ARRAY(SELECT id FROM looked) AS runs;

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
