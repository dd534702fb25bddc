-- name: findings
-- What only the ledger knows; of a week where it says so. Facts are counted up to 100,000: more is no other finding.
SELECT (SELECT count(*)::int FROM webhook WHERE quarantined IS NOT NULL AND received_at > now() - interval '7 days') AS quarantined,
       (SELECT count(*)::int FROM webhook WHERE parsed_at IS NULL) AS unparsed,
       (SELECT extract(epoch FROM now() - min(received_at))::float8 FROM webhook WHERE parsed_at IS NULL) AS unparsed_seconds,
       (SELECT count(*)::int FROM (SELECT FROM fact
         WHERE run IS NULL AND received_at < now() - interval '1 hour' LIMIT 100000) AS f) AS waiting_facts,
       odd.ghosts, odd.doubled, odd.conflicts,
       (SELECT coalesce(jsonb_object_agg(s.id, s.stopped_code), '{}') FROM shard AS s
         WHERE s.stopped_code IS NOT NULL AND s.id = ANY ($1::text[])) AS stopped
  FROM (SELECT count(*) FILTER (WHERE m.ghost)::int AS ghosts, count(*) FILTER (WHERE m.multi_id)::int AS doubled,
               count(*) FILTER (WHERE m.conflict)::int AS conflicts
          FROM message AS m
         WHERE (m.ghost OR m.multi_id OR m.conflict) AND m.settled_at > now() - interval '7 days') AS odd;

-- name: unreadable
-- The newest webhooks of a week that could not be read in full: where and why, never what.
SELECT id, received_at, quarantined
  FROM webhook
 WHERE quarantined IS NOT NULL AND received_at > now() - interval '7 days'
 ORDER BY received_at DESC, id DESC
 LIMIT $1::int;

-- name: overdue
-- Messages that are held for longer than their run allows.
SELECT r.campaign || '@' || r.key AS run, count(*)::int AS messages, min(m.settled_at) AS since
  FROM run AS r
  JOIN message AS m ON m.run = r.id AND m.was_held AND m.delivery = 'held'
 WHERE m.settled_at < now() - r.held_limit
 GROUP BY r.id
 ORDER BY r.id;

-- name: news
-- What WhatsApp said within a week, the newest first; shards: whose number it is about.
SELECT e.field, e.event, e.subject, e.language, e.account, e.ours, e.said_at, e.received_at, e.detail,
       ARRAY(SELECT s.id FROM shard AS s WHERE s.address = e.subject OR s.display = e.subject ORDER BY s.id) AS shards
  FROM account_event AS e
 WHERE e.received_at > now() - interval '7 days'
 ORDER BY coalesce(e.said_at, e.received_at) DESC, e.received_at DESC
 LIMIT $1::int;
