-- name: run_in_question
SELECT r.public_id, r.state::text AS state, r.reason, now() AS at,
       (SELECT count(*)::int FROM message AS m
         WHERE m.state = 'pending' AND m.shard = ANY (r.shards) AND m.run = r.id) AS pending,
       (SELECT count(*)::int FROM message AS m WHERE m.state = 'in_flight' AND m.run = r.id) AS in_flight
  FROM run AS r
 WHERE r.id = $1::bigint;

-- name: candidates
-- What an order may be about: $2 which of run $1 (unknown, dropped, failed), $3 the code of failed ones, or NULL.
-- heard: receivers lived from the attempt on until now, breaks of up to ten seconds aside.
-- arrived: a phone has it, or WhatsApp took an attempt before this one although we were not told. LIMIT, not EXISTS: a
-- planner that hashes the answers of an EXISTS reads every fact there is.
WITH listening AS MATERIALIZED (
    SELECT coalesce(range_agg(tstzrange(p.started_at, greatest(p.started_at, least(p.ended_at, p.heartbeat_at))
                                                      + interval '10 seconds')), '{}') AS times
      FROM process AS p
     WHERE p.purpose = 'receiver'
), late AS MATERIALIZED (
    SELECT (e.detail ->> 'row')::int AS row, (e.detail ->> 'said_attempt')::int AS attempt
      FROM event AS e
     WHERE e.run = $1::bigint AND e.name = 'message.accepted_late'
)
SELECT m.row, m.attempt, m.state::text, m.delivery::text, m.code, m.reason, m.number,
       coalesce(m.settled_at, m.marked_at, now()) AS since,
       (SELECT l.times FROM listening AS l) @> tstzrange(m.marked_at, greatest(m.marked_at, now()), '[]') AS heard,
       EXISTS (SELECT FROM suppression AS s
                WHERE s.person = m.person AND (s.scope = 'all' OR s.scope = r.definition ->> 'category')) AS suppressed,
       EXISTS (SELECT FROM late AS l WHERE l.row = m.row AND l.attempt < m.attempt)
       OR (SELECT true FROM fact AS f
            WHERE f.message_id = m.message_id AND f.status IN ('delivered', 'read', 'played') LIMIT 1) IS NOT NULL
       OR (SELECT true FROM attempt_history AS h
             JOIN fact AS f ON f.message_id = h.message_id AND f.status IN ('delivered', 'read', 'played')
            WHERE h.run = m.run AND h.row = m.row LIMIT 1) IS NOT NULL AS arrived,
       m.multi_id AS two_ids,
       m.not_after <= now()
           AND NOT EXISTS (SELECT FROM run_window AS w
                            WHERE w.run = m.run AND w.zone = m.zone AND w.closes_at > now()) AS expired,
       r.free_form AND NOT EXISTS (
           SELECT FROM customer_window AS w
             JOIN shard AS s ON s.address = w.address AND s.id = m.shard
            WHERE w.person = m.person AND w.until > now()) AS window_closed
  FROM run AS r
  JOIN message AS m ON m.run = r.id
 WHERE r.id = $1::bigint
   AND CASE $2::text WHEN 'unknown' THEN m.state = 'unknown'
                     WHEN 'dropped' THEN m.state = 'accepted' AND m.delivery = 'dropped'
                     WHEN 'failed' THEN m.state = 'rejected' OR m.state = 'accepted' AND m.delivery = 'failed'
       END
   AND ($3::int IS NULL OR m.code = $3::int)
 ORDER BY m.row;

-- name: coverage
-- Of the messages of run $1 that their own answer accepted, how many webhooks have told of. Of the erased nothing is
-- heard any more.
WITH own AS (
    SELECT coalesce(m.settled_at < now() - interval '1 hour', true) AS old, m.delivery NOT IN ('none', 'held') AS told
      FROM message AS m
     WHERE m.run = $1::bigint AND m.state = 'accepted' AND NOT m.was_unknown AND NOT m.ghost
       AND m.reason IS DISTINCT FROM 'erased'
)
SELECT count(*)::int AS accepted, count(*) FILTER (WHERE o.told)::int AS told
  FROM own AS o
 WHERE o.old OR NOT EXISTS (SELECT FROM own WHERE old);

-- name: earlier_unknown
-- Of all attempts that were unknown once: those that webhooks or late answers proved accepted, and those people settled.
-- Of the erased nobody can tell any more which it was.
SELECT count(*)::int AS unknown, count(*) FILTER (WHERE heard)::int AS heard,
       count(*) FILTER (WHERE settled)::int AS settled
  FROM (SELECT m.state = 'accepted' AND m.message_id IS NOT NULL AS heard,
               m.state = 'accepted' AND m.reason IS NOT DISTINCT FROM 'settled' AS settled
          FROM message AS m
         WHERE m.was_unknown AND m.number <> '' AND (m.state <> 'unknown' OR m.settled_at < now() - interval '1 hour')
         UNION ALL
        SELECT EXISTS (SELECT FROM event AS e
                        WHERE e.run = h.run AND e.name = 'message.accepted_late'
                          AND (e.detail ->> 'row')::int = h.row AND (e.detail ->> 'said_attempt')::int = h.attempt),
               false
          FROM attempt_history AS h
         WHERE h.state = 'unknown') AS once;

-- name: settle_unknown
-- An operator knows that WhatsApp took these ($2 rows, $3 attempts). Their content claims stay as they are.
WITH locked AS MATERIALIZED (
    SELECT m.run, m.row
      FROM unnest($2::int[], $3::smallint[]) AS a (row, attempt)
      JOIN message AS m ON m.run = $1::bigint AND m.row = a.row
     WHERE m.state = 'unknown' AND m.attempt = a.attempt
     ORDER BY m.run, m.row
       FOR UPDATE OF m
), settled AS (
    UPDATE message AS m
       SET state = 'accepted', message_id = NULL, code = NULL, reason = 'settled', settled_at = now()
      FROM locked AS l
     WHERE m.run = l.run AND m.row = l.row
    RETURNING m.row
)
SELECT count(*)::int FROM settled;

-- name: hold_run
-- The stopped shards of run $1, then the run itself, in the order in which a resume locks them. Marks wait from here on.
WITH stood AS MATERIALIZED (
    SELECT s.id
      FROM shard AS s
     WHERE s.stopped_code IS NOT NULL
       AND s.id = ANY (ARRAY(SELECT unnest(r.shards) FROM run AS r WHERE r.id = $1::bigint))
     ORDER BY s.id
       FOR UPDATE OF s
), held AS MATERIALIZED (
    SELECT coalesce(array_agg(id), '{}') AS shards FROM stood
)
SELECT r.state::text AS state, r.launcher, h.shards FROM run AS r, held AS h WHERE r.id = $1::bigint FOR UPDATE OF r;

-- name: count_in_flight
SELECT count(*)::int FROM message WHERE state = 'in_flight' AND run = $1::bigint;

-- name: send_again
-- Put messages back in line, each as it was looked at: $2 rows, $3 attempts, $4 states, $5 deliveries. Of the
-- erased there is nothing to send, whoever may have taken their suppression away.
-- The attempt becomes history, and its number rises with the next mark. Content claims stay: they are these rows' own.
-- One of the same number may be there: ordered again, taken after all before it left, and failed.
WITH locked AS MATERIALIZED (
    SELECT m.run, m.row, m.attempt, m.state, m.delivery, m.message_id, m.code, m.zone
      FROM unnest($2::int[], $3::smallint[], $4::text[], $5::text[]) AS a (row, attempt, state, delivery)
      JOIN message AS m ON m.run = $1::bigint AND m.row = a.row
     WHERE m.attempt = a.attempt AND m.state = a.state::send_state AND m.delivery = a.delivery::delivery_state
       AND NOT m.multi_id AND m.number <> ''
     ORDER BY m.run, m.row
       FOR UPDATE OF m
), kept AS (
    INSERT INTO attempt_history AS h (run, row, attempt, state, delivery, message_id, code, ordered_by, why)
    SELECT l.run, l.row, l.attempt, l.state, l.delivery, l.message_id, l.code, $6::text, $7::text
      FROM locked AS l
     ORDER BY l.run, l.row
        ON CONFLICT (run, row, attempt) DO UPDATE
       SET state = excluded.state, delivery = excluded.delivery, code = excluded.code, at = now(),
           message_id = coalesce(excluded.message_id, h.message_id),
           ordered_by = excluded.ordered_by, why = excluded.why
), hours AS MATERIALIZED (
    -- Each waits for the hours of its zone; what has none left goes by those that are over.
    SELECT l.run, l.row, w.opens_at, w.closes_at
      FROM locked AS l
     CROSS JOIN LATERAL (
          SELECT o.opens_at, o.closes_at
            FROM run_window AS o
           WHERE o.run = l.run AND o.zone = l.zone AND o.closes_at > now()
           ORDER BY o.opens_at
           LIMIT 1) AS w
), back AS (
    UPDATE message AS m
       SET state = 'pending', delivery = 'none', message_id = NULL, code = NULL, reason = NULL, was_held = false,
           conflict = false, charged_as = NULL, was_unknown = false, taken_before = m.taken_before OR l.state <> 'rejected',
           settled_at = NULL, pair_waits = 0, day_waits = 0,
           not_before = coalesce(h.opens_at, '-infinity'), not_after = coalesce(h.closes_at, m.not_after)
      FROM locked AS l
      LEFT JOIN hours AS h ON h.run = l.run AND h.row = l.row
     WHERE m.run = l.run AND m.row = l.row
    RETURNING m.row
)
SELECT count(*)::int FROM back;

-- name: reopen
-- Set run $1 going again, whatever it ended or paused with, with $2 messages more: an order outweighs the quality
-- assessment and what WhatsApp last said of its numbers ($4: shards held above). $3: what there is to say.
WITH released AS (
    UPDATE shard AS s SET stopped_code = NULL, stopped_at = NULL WHERE s.id = ANY ($4::text[]) RETURNING s.id
), reopened AS (
    UPDATE run AS r
       SET state = 'running', reason = NULL, finished_at = NULL, started_at = coalesce(r.started_at, now()),
           -- What went wrong before the order does not count against the run any more.
           judged_from = now(), resent = r.resent + $2::int,
           -- A later launch may have left numbers out that these go over.
           shards = r.shards || ARRAY(
               SELECT s.id FROM shard AS s
                WHERE s.id <> ALL (r.shards)
                  AND EXISTS (SELECT FROM message AS m WHERE m.state = 'pending' AND m.shard = s.id AND m.run = r.id)
                ORDER BY s.id)
     WHERE r.id = $1::bigint
    RETURNING r.id, r.portfolio, r.templates
), opened AS (
    DELETE FROM quality_gate AS g USING reopened AS r WHERE g.portfolio = r.portfolio AND g.template = ANY (r.templates)
)
INSERT INTO event (name, run, shard, detail)
SELECT 'messages.resent', id, NULL, $3::jsonb FROM reopened
UNION ALL
SELECT 'shard.released', $1::bigint, id, '{}' FROM released;

-- name: note_settled
INSERT INTO event (name, run, detail) VALUES ('unknown.settled', $1::bigint, $2::jsonb);
