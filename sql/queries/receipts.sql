-- name: keep_webhook
-- Keep raw bodies, byte for byte; whoever waits shares one commit.
INSERT INTO webhook (body) SELECT body FROM unnest($1::bytea[]) AS u (body);

-- name: unparsed
-- The oldest bodies that nobody has parsed and nobody else is parsing: as many as fit into $2 bytes, and one more.
WITH next AS MATERIALIZED (
    SELECT id, body FROM webhook WHERE parsed_at IS NULL ORDER BY id LIMIT $1::int FOR UPDATE SKIP LOCKED
), measured AS (
    SELECT id, body, sum(octet_length(body)) OVER (ORDER BY id) - octet_length(body) AS before FROM next
)
SELECT id, body FROM measured WHERE before <= $2::bigint ORDER BY id;

-- name: mark_parsed
UPDATE webhook AS w
   SET parsed_at = now(), quarantined = u.quarantined
  FROM unnest($1::bigint[], $2::text[]) AS u (id, quarantined)
 WHERE w.id = u.id;

-- name: locate
-- Find and lock the messages that webhooks speak of: by message ID first, else by callback data, else by the message
-- ID of an attempt that an operator ordered again.
-- $1 message ids; $2 runs' public ids, $3 rows, $4 attempts: NULL where there is no callback data of ours.
-- The lock waits for a record under way and then reads what it wrote, so neither overtakes the other.
-- taken_before: an order to send again may have held the lock, whose history this statement does not see: ask once more.
-- superseded: an operator has ordered that attempt again; this was its ID, or might have been.
-- former: the ID of such an attempt that WhatsApp was known to have taken.
-- waiting: facts of it were kept before it was known whose they are. LIMIT, not EXISTS: a planner that hashes the
-- answers of an EXISTS reads every fact there is.
WITH said AS MATERIALIZED (
    SELECT *
      FROM unnest($1::text[], $2::uuid[], $3::int[], $4::int[])
           WITH ORDINALITY AS s (message_id, public_id, row, attempt, turn)
), named AS MATERIALIZED (
    SELECT DISTINCT ON (s.message_id) s.message_id, m.run, m.row
      FROM said AS s
      JOIN message AS m ON m.message_id = s.message_id
     ORDER BY s.message_id, m.row = s.row DESC NULLS LAST, m.run, m.row
), place AS MATERIALIZED (
    SELECT message_id, run, row FROM named
    UNION ALL
    SELECT s.message_id, coalesce(r.id, h.run), CASE WHEN r.id IS NULL THEN h.row ELSE s.row END
      FROM said AS s
      LEFT JOIN run AS r ON r.public_id = s.public_id
      LEFT JOIN LATERAL (SELECT run, row FROM attempt_history WHERE message_id = s.message_id LIMIT 1) AS h
        ON r.id IS NULL
     WHERE NOT EXISTS (SELECT FROM named AS n WHERE n.message_id = s.message_id)
       AND coalesce(r.id, h.run) IS NOT NULL
), locked AS MATERIALIZED (
    SELECT m.run, m.row, m.state, m.attempt, m.message_id, m.delivery, m.code, m.conflict, m.charged_as, m.multi_id,
           m.taken_before
      FROM (SELECT DISTINCT run, row FROM place) AS p
      JOIN message AS m ON m.run = p.run AND m.row = p.row
     ORDER BY m.run, m.row
       FOR UPDATE OF m
)
SELECT s.message_id, l.run, l.row, l.state::text, l.attempt, l.message_id AS had, l.delivery::text, l.code,
       l.conflict, l.charged_as, l.multi_id, coalesce(l.taken_before, false) AS taken_before,
       EXISTS (SELECT FROM attempt_history AS h
                WHERE h.run = l.run AND h.row = l.row
                  AND (h.message_id = s.message_id
                       OR h.attempt = s.attempt AND h.message_id IS NULL)) AS superseded,
       l.message_id IS DISTINCT FROM s.message_id
           AND (SELECT true FROM attempt_history AS h
                 WHERE h.run = l.run AND h.row = l.row AND h.message_id = s.message_id LIMIT 1) IS NOT NULL AS former,
       l.message_id IS DISTINCT FROM s.message_id
           AND (SELECT true FROM fact AS f WHERE f.message_id = s.message_id LIMIT 1) IS NOT NULL AS heard,
       (SELECT true FROM fact AS f WHERE f.message_id = s.message_id AND f.run IS NULL LIMIT 1) IS NOT NULL AS waiting
  FROM said AS s
  LEFT JOIN place AS p ON p.message_id = s.message_id
  LEFT JOIN locked AS l ON l.run = p.run AND l.row = p.row
 ORDER BY s.turn;

-- name: keep_facts
-- A fact said twice is one fact. In key order, so that two receivers cannot wait for each other in a circle.
-- JSON comes as text: an array of jsonb takes a list in it for another dimension. OFFSET 0: it is read once, not
-- for each of its members.
INSERT INTO fact (message_id, status, at, code, run, row, errors, pricing, conversation)
SELECT u.message_id, u.status, u.at, u.code, u.run, u.row, d.detail -> 'errors', d.detail -> 'pricing',
       d.detail -> 'conversation'
  FROM unnest($1::text[], $2::text[], $3::timestamptz[], $4::int[], $5::bigint[], $6::int[], $7::text[])
       AS u (message_id, status, at, code, run, row, detail)
 CROSS JOIN LATERAL (SELECT u.detail::jsonb OFFSET 0) AS d (detail)
 ORDER BY u.message_id, u.status, u.at, u.code
    ON CONFLICT DO NOTHING;

-- name: adopt_facts
-- Facts that came before their message was known.
UPDATE fact AS f
   SET run = u.run, row = u.row
  FROM unnest($1::text[], $2::bigint[], $3::int[]) AS u (message_id, run, row)
 WHERE f.message_id = u.message_id AND f.run IS NULL;

-- name: unmatched
-- Message IDs whose facts wait though their message is known by now. $2: also those older than two minutes.
SELECT f.message_id
  FROM fact AS f
  JOIN message AS m ON m.message_id = f.message_id
 WHERE f.run IS NULL AND ($2::bool OR f.received_at > now() - interval '2 minutes')
 GROUP BY f.message_id
 LIMIT $1::int;

-- name: facts_of
-- Messages of which the same was said come together: there are few such sets, however many messages. LATERAL: each
-- message is looked up, however many facts there are of others. pricing: the first there
-- is, and the alphabet has delivered and read before sent.
SELECT said.statuses, said.codes, array_agg(u.message_id) AS message_ids, said.pricing
  FROM unnest($1::text[]) AS u (message_id)
 CROSS JOIN LATERAL (
    SELECT array_agg(f.status ORDER BY f.status COLLATE "C", f.code) AS statuses,
           array_agg(f.code ORDER BY f.status COLLATE "C", f.code) AS codes,
           (array_agg(f.pricing ORDER BY f.status COLLATE "C", f.code) FILTER (WHERE f.pricing IS NOT NULL))[1] AS pricing
      FROM fact AS f
     WHERE f.message_id = u.message_id) AS said
 WHERE said.statuses IS NOT NULL
 GROUP BY said.statuses, said.codes, said.pricing;

-- name: accept
-- A webhook proves it: WhatsApp has the message. Its content claim stays as it is. What an operator settled without an
-- ID gets its own; a person who was forgotten does not.
UPDATE message AS m
   SET state = 'accepted', message_id = CASE WHEN m.number <> '' THEN u.message_id END, ghost = m.ghost OR u.ghost,
       settled_at = now(), code = NULL, reason = CASE WHEN m.number = '' THEN 'erased' END
  FROM unnest($1::bigint[], $2::int[], $3::text[], $4::bool[]) AS u (run, row, message_id, ghost)
 WHERE m.run = u.run AND m.row = u.row
   AND (m.state <> 'accepted' OR m.message_id IS NULL AND m.reason = 'settled');

-- name: flag_doubled
-- The first message ID is kept.
UPDATE message AS m
   SET multi_id = true, ghost = m.ghost OR u.ghost
  FROM unnest($1::bigint[], $2::int[], $3::bool[]) AS u (run, row, ghost)
 WHERE m.run = u.run AND m.row = u.row;

-- name: deliver
UPDATE message AS m
   SET delivery = u.delivery::delivery_state, code = u.code, conflict = u.conflict, charged_as = u.charged_as
  FROM unnest($1::bigint[], $2::int[], $3::text[], $4::int[], $5::bool[], $6::text[])
       AS u (run, row, delivery, code, conflict, charged_as)
 WHERE m.run = u.run AND m.row = u.row AND m.state = 'accepted';

-- name: note_events
INSERT INTO event (name, run, detail)
SELECT u.name, u.run, u.detail::jsonb
  FROM unnest($1::text[], $2::bigint[], $3::text[]) WITH ORDINALITY AS u (name, run, detail, turn)
 ORDER BY u.turn;

-- name: pause_runs
WITH stopped AS MATERIALIZED (
    SELECT id FROM run WHERE state = 'running' AND id = ANY ($1::bigint[]) ORDER BY id FOR UPDATE
), paused AS (
    UPDATE run AS r SET state = 'paused', reason = $2::text FROM stopped AS s WHERE r.id = s.id RETURNING r.id
)
INSERT INTO event (name, run, detail)
SELECT 'run.paused', id, jsonb_build_object('reason', $2::text) FROM paused ORDER BY id
RETURNING run;

-- name: pause_every_run
WITH stopped AS MATERIALIZED (
    SELECT id FROM run WHERE state = 'running' ORDER BY id FOR UPDATE
), paused AS (
    UPDATE run AS r SET state = 'paused', reason = $1::text FROM stopped AS s WHERE r.id = s.id RETURNING r.id
)
INSERT INTO event (name, run, detail)
SELECT 'run.paused', id, jsonb_build_object('reason', $1::text) FROM paused ORDER BY id
RETURNING run;

-- name: drop_templates_of
-- $1 runs and $2 rows of what was dropped.
-- A drop is the platform's verdict on the template in one language: whatever sends it stops. Languages that a run leaves
-- open, or works out from a person's values, cannot be told. The gates go, so that a resume sends.
-- The template's own PAUSED comes with the drops, often first; that messages were dropped says more.
WITH dropped AS MATERIALIZED (
    SELECT DISTINCT t.run, t.portfolio, t.template, t.language
      FROM unnest($1::bigint[], $2::int[]) AS d (run, row)
      JOIN message AS m ON m.run = d.run AND m.row = d.row
      JOIN run_template AS t ON t.run = m.run AND t.variant = m.variant
), sending AS MATERIALIZED (
    SELECT t.*
      FROM run AS r
      JOIN run_template AS t ON t.run = r.id
     WHERE r.id = ANY ($1::bigint[]) OR r.state IN ('running', 'paused') OR r.id IN (SELECT g.run FROM quality_gate AS g)
), touched AS MATERIALIZED (
    SELECT DISTINCT s.run AS id
      FROM sending AS s
      JOIN dropped AS d
        ON s.run = d.run
        OR (s.portfolio, s.template) = (d.portfolio, d.template)
           AND (s.language = d.language OR s.language LIKE '%{%' OR d.language LIKE '%{%')
), stopped AS MATERIALIZED (
    SELECT r.id
      FROM run AS r
      JOIN touched AS t ON t.id = r.id
     WHERE r.state = 'running' OR r.state = 'paused' AND r.reason = 'template'
     ORDER BY r.id
       FOR UPDATE OF r
), paused AS (
    UPDATE run AS r SET state = 'paused', reason = 'dropped' FROM stopped AS s WHERE r.id = s.id RETURNING r.id
), opened AS (
    DELETE FROM quality_gate AS g
     USING touched AS t
     WHERE g.run = t.id AND (g.portfolio, g.template) IN (SELECT d.portfolio, d.template FROM dropped AS d)
)
INSERT INTO event (name, run, detail)
SELECT 'run.paused', id, jsonb_build_object('reason', 'dropped') FROM paused ORDER BY id
RETURNING run;

-- name: ping
SELECT true;
