-- name: left_out
-- Every row of run $1 that gets no message, in the order of the audience; number is '' where nobody knows it any more.
-- told: who was sent the same before, or who says that the person must not be written to.
-- Read by a cursor: the server keeps what it has to sort, on disk where there is much of it.
SELECT f.row, f.reason, f.detail,
       coalesce((SELECT m.number FROM message AS m WHERE m.run = f.run AND m.person = f.person), '') AS number,
       NULL AS told
  FROM refusal AS f
 WHERE f.run = $1::bigint
 UNION ALL
SELECT m.row, m.reason, '', m.number,
       CASE m.reason
            WHEN 'already_sent' THEN (SELECT r.campaign || '@' || r.key
                                        FROM content_claim AS c JOIN run AS r ON r.id = c.run
                                       WHERE c.person = m.person AND c.content = m.content)
            WHEN 'suppressed' THEN (SELECT max(u.source)
                                      FROM suppression AS u JOIN run AS r ON r.id = m.run
                                     WHERE u.person = m.person
                                       AND (u.scope = 'all' OR u.scope = r.definition ->> 'category'))
       END
  FROM message AS m
 WHERE m.run = $1::bigint AND m.state = 'skipped'
 ORDER BY 1;

-- name: sent_before
-- Which runs sent to how many of the people whom run $1 leaves out as already_sent; the largest first.
SELECT r.campaign || '@' || r.key AS run, count(*)::int AS messages
  FROM message AS m
  JOIN content_claim AS c ON c.person = m.person AND c.content = m.content
  JOIN run AS r ON r.id = c.run
 WHERE m.run = $1::bigint AND m.state = 'skipped' AND m.reason = 'already_sent'
 GROUP BY r.id
 ORDER BY 2 DESC, r.id;

-- name: count_prefixed
-- How many messages to be sent in run $1 go to numbers that begin like one of $3, in the regions $2 that have such.
SELECT count(*)::int
  FROM message AS m
 WHERE m.run = $1::bigint AND m.state = 'pending' AND m.region = ANY ($2::text[]) AND m.number ^@ ANY ($3::text[]);
