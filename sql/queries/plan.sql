-- name: create_staged_messages
CREATE TEMP TABLE staged_message (
    row int NOT NULL, person bytea NOT NULL, shard text NOT NULL, number text NOT NULL, variables jsonb NOT NULL,
    content bytea NOT NULL, variant smallint NOT NULL, step smallint NOT NULL, zone smallint, region text NOT NULL,
    not_before timestamptz, not_after timestamptz
) ON COMMIT DROP;

-- name: plan_messages
-- Staged rows become messages of run $1, the first of each person; every other one becomes a refusal that names it.
-- Suppressed, already sent and window closed are told early here; mark decides them for good, by the same rules.
-- What needs a customer service window goes over the number whose window stays open longest.
-- Of whom asked to be forgotten nothing is written down: erased is NULL for whoever is not suppressed at all.
WITH sender AS MATERIALIZED (
    SELECT h.id, h.address FROM run AS r JOIN shard AS h ON h.id = ANY (r.shards) WHERE r.id = $1::bigint
), recent AS MATERIALIZED (
    SELECT e.id
      FROM run AS r
      JOIN run AS e ON e.state IN ('running', 'paused') OR e.finished_at > now() - r.frequency_per
     WHERE r.id = $1::bigint AND r.frequency_at_most IS NOT NULL AND e.definition ->> 'category' = 'marketing'
), judged AS MATERIALIZED (
    SELECT s.row, s.person, s.number, s.variables, s.content, s.variant, s.step, s.zone, s.region, s.not_before,
           s.not_after,
           CASE WHEN o.address IS NULL OR o.address = own.address THEN s.shard
                ELSE (SELECT min(h.id) FROM sender AS h WHERE h.address = o.address) END AS shard,
           s.erased,
           CASE WHEN s.erased IS NOT NULL THEN 'suppressed'
                WHEN s.not_after <= now() THEN 'expired'
                WHEN r.duplicate_window IS NOT NULL
                 AND EXISTS (SELECT FROM content_claim AS c
                              WHERE c.person = s.person AND c.content = s.content AND c.until >= now()
                                AND NOT (c.campaign = r.campaign AND r.own_runs)) THEN 'already_sent'
                WHEN r.free_form AND o.address IS NULL THEN 'window_closed'
                WHEN r.frequency_at_most IS NOT NULL
                 AND r.frequency_at_most <= (
                         SELECT count(*)
                           FROM recent AS e
                           JOIN message AS w ON w.run = e.id AND w.person = s.person
                          WHERE w.state IN ('in_flight', 'accepted', 'unknown')
                            AND w.marked_at > now() - r.frequency_per) THEN 'frequency_cap'
           END AS left_out
      FROM run AS r
     CROSS JOIN LATERAL (
          SELECT t.*,
                 (SELECT bool_or(u.source = 'erased')
                    FROM suppression AS u
                   WHERE u.person = t.person AND (u.scope = 'all' OR u.scope = r.definition ->> 'category')) AS erased
            FROM staged_message AS t) AS s
      LEFT JOIN sender AS own ON own.id = s.shard
      LEFT JOIN LATERAL (
          SELECT w.address
            FROM customer_window AS w
           WHERE r.free_form AND w.person = s.person AND w.until > now()
             AND w.address IN (SELECT h.address FROM sender AS h)
           ORDER BY w.until DESC, w.address <> own.address, w.address
           LIMIT 1) AS o ON true
     WHERE r.id = $1::bigint
), planned AS (
    INSERT INTO message (run, row, person, shard, state, settled_at, content, number, reason, variables, variant, step,
                         zone, region, not_before, not_after)
    SELECT $1::bigint, j.row, j.person, j.shard,
           (CASE WHEN j.left_out IS NULL THEN 'pending' ELSE 'skipped' END)::send_state,
           CASE WHEN j.left_out IS NOT NULL THEN now() END,
           j.content, CASE WHEN j.erased THEN '' ELSE j.number END, j.left_out,
           CASE WHEN j.erased THEN '{}' ELSE j.variables END, j.variant, j.step, j.zone,
           CASE WHEN j.erased THEN '' ELSE j.region END,
           -- Later steps of the ramp wait until they are opened.
           CASE WHEN j.step > 0 THEN 'infinity' ELSE coalesce(j.not_before, '-infinity') END,
           coalesce(j.not_after, 'infinity')
      FROM judged AS j
     ORDER BY j.row
        ON CONFLICT (run, person) DO NOTHING
    RETURNING row, person, reason, shard, step, variant, zone, region
), repeated AS (
    INSERT INTO refusal (run, row, person, reason, detail)
    SELECT $1::bigint, s.row, s.person, 'duplicate',
           format('the same person as row %s; leave one of the two out',
                  coalesce((SELECT p.row FROM planned AS p WHERE p.person = s.person),
                           (SELECT m.row FROM message AS m WHERE m.run = $1::bigint AND m.person = s.person)))
      FROM staged_message AS s
     WHERE NOT EXISTS (SELECT FROM planned AS p WHERE p.row = s.row)
     ORDER BY s.row
    RETURNING row
)
SELECT p.reason AS skipped, count(*)::int AS rows, false AS duplicate, p.shard, p.step, p.variant, p.zone, p.region
  FROM planned AS p
 GROUP BY p.reason, p.shard, p.step, p.variant, p.zone, p.region
 UNION ALL
SELECT NULL, count(*)::int, true, NULL, NULL, NULL, NULL, NULL FROM repeated;

-- name: empty_staged_messages
-- In place, because the table was made in this transaction.
TRUNCATE staged_message;

-- name: finish_plan
-- The rows and the state become visible in one commit, and only if nobody took the plan over from us ($2) meanwhile.
WITH planned AS (
    UPDATE run
       SET state = $3::text::run_state, planner = NULL, audience = $4::int, audience_digest = $5::bytea,
           outlook = $6::jsonb, planned_at = clock_timestamp(),
           started_at = CASE WHEN $3::text = 'running' THEN clock_timestamp() END
     WHERE id = $1::bigint AND state = 'planning' AND planner = $2::bigint
    RETURNING id
)
INSERT INTO event (name, run, detail)
SELECT 'run.planned', p.id, jsonb_build_object('audience', $4::int) FROM planned AS p
RETURNING run;

-- name: forget_run
-- A plan that came to nothing leaves no run behind.
DELETE FROM run WHERE id = $1::bigint AND state = 'planning' AND planner = $2::bigint;

-- name: analyze_statement
-- The partition a run lives in, and no other: a large ledger must not be sampled for a small run.
SELECT format('ANALYZE %s', m.tableoid::regclass) FROM message AS m WHERE m.run = $1::bigint LIMIT 1;
