-- name: messages
-- Every message of person $1, the newest first, with what holds it up. news: what webhooks said of it.
SELECT r.campaign, r.key AS run, m.row, m.state::text AS state, m.delivery::text AS delivery, m.reason, m.code, m.attempt,
       coalesce(m.settled_at, m.marked_at, r.planned_at, r.created_at) AS at,
       CASE WHEN m.state = 'pending' AND m.not_before > now() AND m.not_before < 'infinity' THEN m.not_before
            END AS waits_until,
       r.state::text AS run_state, r.reason AS run_reason,
       CASE WHEN r.state = 'paused'
            THEN (SELECT (e.detail ->> 'code')::int FROM event AS e
                   WHERE e.run = r.id AND e.name = 'run.paused' ORDER BY e.id DESC LIMIT 1) END AS run_code,
       s.stopped_code,
       EXISTS (SELECT FROM quality_gate AS g WHERE g.portfolio = r.portfolio AND g.template = ANY (r.templates)) AS gated,
       coalesce(m.state = 'accepted' AND m.delivery IN ('none', 'sent') AND m.reason IS DISTINCT FROM 'erased'
                AND m.settled_at < now() - interval '30 days', false) AS never_delivered,
       coalesce(m.delivery = 'held' AND m.settled_at < now() - r.held_limit, false) AS held_too_long,
       extract(epoch FROM r.held_limit)::float8 AS held_limit_seconds,
       m.number = '' AS erased,
       (SELECT coalesce(jsonb_agg(jsonb_build_object('status', f.status, 'at', f.at, 'code', nullif(f.code, 0))
                                  ORDER BY f.at, f.received_at), '[]')
          FROM fact AS f WHERE f.message_id = m.message_id) AS news,
       (SELECT coalesce(jsonb_agg(jsonb_build_object('attempt', h.attempt, 'state', h.state, 'delivery', h.delivery,
                                                     'code', h.code, 'why', h.why, 'at', h.at) ORDER BY h.attempt), '[]')
          FROM attempt_history AS h WHERE h.run = m.run AND h.row = m.row) AS earlier
  FROM run AS r
  JOIN message AS m ON m.run = r.id AND m.person = $1::bytea
  LEFT JOIN shard AS s ON s.id = m.shard
 ORDER BY at DESC, m.run DESC;

-- name: refusals
SELECT r.campaign, r.key AS run, f.row, f.reason, f.detail, coalesce(r.planned_at, r.created_at) AS at
  FROM refusal AS f
  JOIN run AS r ON r.id = f.run
 WHERE f.person = $1::bytea
 ORDER BY f.run DESC, f.row;

-- name: suppressions
SELECT scope, source, reason, at AS since FROM suppression WHERE person = $1::bytea ORDER BY at DESC, scope, source;

-- name: preference
SELECT stopped, at FROM preference WHERE person = $1::bytea;

-- name: windows
-- Until when they may be answered freely, and by which of our numbers.
SELECT coalesce((SELECT min(s.id) FROM shard AS s WHERE s.address = w.address), w.address) AS shard, w.until
  FROM customer_window AS w
 WHERE w.person = $1::bytea AND w.until > now()
 ORDER BY w.until DESC;

-- name: wrote
-- The newest $2 things they wrote; text where there is one and it is still kept.
SELECT i.kind, i.at,
       coalesce(i.content #>> '{text,body}', i.content #>> '{button,text}',
                i.content #>> '{interactive,button_reply,title}', i.content #>> '{interactive,list_reply,title}',
                i.content #>> '{reaction,emoji}', i.content #>> '{image,caption}', i.content #>> '{video,caption}',
                i.content #>> '{document,caption}') AS text
  FROM inbound_message AS i
 WHERE i.person = $1::bytea
 ORDER BY i.at DESC
 LIMIT $2::int;
