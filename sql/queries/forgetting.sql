-- name: is_anybody_forgotten
SELECT EXISTS (SELECT FROM suppression WHERE source = 'erased');

-- name: forgotten_people
SELECT person FROM suppression WHERE person = ANY ($1::bytea[]) AND source = 'erased';

-- name: forgotten_rows
-- Of messages ($1 runs' public ids, $2 rows) those that went to somebody who was erased.
SELECT r.public_id, m.row
  FROM unnest($1::uuid[], $2::int[]) AS u (public_id, row)
  JOIN run AS r ON r.public_id = u.public_id
  JOIN message AS m ON m.run = r.id AND m.row = u.row
 WHERE m.number = '' OR EXISTS (SELECT FROM suppression AS s WHERE s.person = m.person AND s.source = 'erased');

-- name: let_nobody_write
-- Whoever removes what was deleted waits for those who keep messages, and the other way round: what two receivers take in
-- at the same moment, neither sees of the other. Until the end of the transaction, before any row is locked.
SELECT pg_advisory_xact_lock(7145, 0);

-- name: let_nobody_take_back
SELECT pg_advisory_xact_lock_shared(7145, 0);

-- name: taken_back
SELECT DISTINCT message_id FROM fact WHERE message_id = ANY ($1::text[]) AND status = 'deleted';

-- name: take_back
-- In key order, as everywhere; what came in no webhook has none.
WITH locked AS MATERIALIZED (
    SELECT message_id FROM inbound_message WHERE message_id = ANY ($1::text[]) ORDER BY message_id FOR UPDATE
)
DELETE FROM inbound_message AS i USING locked AS l WHERE i.message_id = l.message_id RETURNING i.webhook;

-- name: blank_webhooks
-- The row stays, so that its place in the counts does.
WITH locked AS MATERIALIZED (
    SELECT id FROM webhook WHERE id = ANY ($1::bigint[]) ORDER BY id FOR UPDATE
)
UPDATE webhook AS w SET body = '' FROM locked AS l WHERE w.id = l.id;

-- name: known_of
-- How many messages of person $1 still name them, how many of all are under way, and since when they are forgotten.
-- Under way too: what became unknown just now, whose own answer may yet come.
SELECT count(*) FILTER (WHERE m.number <> '')::int AS messages,
       count(*) FILTER (WHERE m.state = 'in_flight'
                           OR m.state = 'unknown' AND m.settled_at > now() - interval '2 minutes')::int AS under_way,
       (SELECT min(at) FROM suppression WHERE person = $1::bytea AND source = 'erased') AS erased_at
  FROM run AS r
  JOIN message AS m ON m.run = r.id AND m.person = $1::bytea;

-- name: forget
INSERT INTO suppression (person, scope, source, reason) VALUES ($1::bytea, 'all', 'erased', $2::text)
    ON CONFLICT DO NOTHING;

-- name: skip_pending
-- Nothing waits any more for person $1; the content their messages claimed is free, but for what may have arrived.
WITH waiting AS MATERIALIZED (
    SELECT m.run, m.row, m.person, m.content, m.taken_before
      FROM run AS r
      JOIN message AS m ON m.run = r.id AND m.person = $1::bytea
     WHERE m.state = 'pending'
     ORDER BY m.run, m.row
       FOR UPDATE OF m
), skipped AS (
    UPDATE message AS m
       SET state = 'skipped', reason = 'suppressed', settled_at = now()
      FROM waiting AS w
     WHERE m.run = w.run AND m.row = w.row
    RETURNING m.run
), freed AS (
    DELETE FROM content_claim AS c
     USING (SELECT k.person, k.content
              FROM waiting AS w
              JOIN content_claim AS k ON k.person = w.person AND k.content = w.content
             WHERE NOT w.taken_before AND NOT k.inherited AND k.run = w.run AND k.row = w.row
             ORDER BY k.person, k.content
               FOR UPDATE OF k) AS f
     WHERE c.person = f.person AND c.content = f.content
)
SELECT count(*)::int FROM skipped;

-- name: writers
-- Transactions that write messages, lists or webhooks: an older one may not know yet who is forgotten.
SELECT DISTINCT virtualtransaction
  FROM pg_locks
 WHERE locktype = 'relation' AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
   AND relation = ANY (ARRAY['message'::regclass, 'audience_member'::regclass, 'webhook'::regclass]::oid[])
   AND mode IN ('RowShareLock', 'RowExclusiveLock') AND pid <> pg_backend_pid();

-- name: message_ids
-- Every message ID that is known to be about person $1, those of earlier attempts and of what they wrote too.
WITH theirs AS MATERIALIZED (
    SELECT m.run, m.row, m.message_id, m.multi_id
      FROM run AS r
      JOIN message AS m ON m.run = r.id AND m.person = $1::bytea
), earlier AS MATERIALIZED (
    SELECT h.run, h.row, h.message_id FROM theirs AS t JOIN attempt_history AS h ON h.run = t.run AND h.row = t.row
), several AS MATERIALIZED (
    SELECT run, row FROM theirs WHERE multi_id UNION SELECT run, row FROM earlier
)
SELECT message_id FROM theirs WHERE message_id IS NOT NULL
 UNION
SELECT message_id FROM earlier WHERE message_id IS NOT NULL
 UNION
SELECT f.message_id FROM several AS s JOIN fact AS f ON f.run = s.run AND f.row = s.row
 UNION
SELECT message_id FROM inbound_message WHERE person = $1::bytea;

-- name: empty_bodies
-- Empty those of the next $3 bodies after $2 that hold one of the traces $1. What nobody has read yet is only counted:
-- it holds news of others, and whoever reads it leaves this person out.
WITH next AS MATERIALIZED (
    SELECT id FROM webhook WHERE id > $2::bigint ORDER BY id LIMIT $3::int
), theirs AS MATERIALIZED (
    SELECT w.id, w.parsed_at
      FROM next AS n
      JOIN webhook AS w ON w.id = n.id
     WHERE EXISTS (SELECT FROM unnest($1::bytea[]) AS t (trace) WHERE position(t.trace IN w.body) > 0)
), locked AS MATERIALIZED (
    SELECT w.id
      FROM theirs AS t
      JOIN webhook AS w ON w.id = t.id
     WHERE t.parsed_at IS NOT NULL
     ORDER BY w.id
       FOR UPDATE OF w
), emptied AS (
    UPDATE webhook AS w SET body = '' FROM locked AS l WHERE w.id = l.id RETURNING w.id
)
SELECT (SELECT max(id) FROM next) AS last, (SELECT count(*)::int FROM emptied) AS emptied,
       (SELECT coalesce(array_agg(id), '{}') FROM theirs WHERE parsed_at IS NULL) AS unread;

-- name: still_unread
SELECT count(*)::int FROM webhook WHERE id = ANY ($1::bigint[]) AND parsed_at IS NULL;

-- name: lock_messages
-- The messages of person $1, held in id order, and whether one of them is not at rest.
SELECT m.run, m.row, m.state IN ('pending', 'in_flight') AS moving
  FROM run AS r
  JOIN message AS m ON m.run = r.id AND m.person = $1::bytea
 ORDER BY m.run, m.row
   FOR UPDATE OF m;

-- name: erase_facts
DELETE FROM fact WHERE message_id = ANY ($1::text[]);

-- name: erase_unmatched
-- Facts that never found their message show whom they are about by the traces $1 in their message ID alone.
DELETE FROM fact AS f
 WHERE f.run IS NULL AND EXISTS (SELECT FROM unnest($1::text[]) AS t (trace) WHERE position(t.trace IN f.message_id) > 0);

-- name: erase_messages
-- $1 runs, $2 rows. Who it was stays as a keyed hash, and not where they live; how far it got stays as it is.
UPDATE message AS m
   SET number = '', variables = '{}', message_id = NULL, region = '', zone = NULL,
       reason = CASE WHEN m.state = 'accepted' THEN 'erased' ELSE m.reason END
  FROM unnest($1::bigint[], $2::int[]) AS u (run, row)
 WHERE m.run = u.run AND m.row = u.row;

-- name: erase_attempts
-- $1 runs, $2 rows, $3 the number's digits as a pattern: an operator's reason may quote them.
UPDATE attempt_history AS h
   SET message_id = NULL, why = regexp_replace(h.why, $3::text, '…', 'g')
  FROM unnest($1::bigint[], $2::int[]) AS u (run, row)
 WHERE h.run = u.run AND h.row = u.row;

-- name: erase_memberships
DELETE FROM audience_member AS a USING audience_list AS l WHERE a.list = l.id AND a.person = $1::bytea;

-- name: erase_inbound
DELETE FROM inbound_message AS i
 WHERE i.person = $1::bytea
    OR EXISTS (SELECT FROM unnest($2::text[]) AS t (trace) WHERE position(t.trace IN i.message_id) > 0);

-- name: erase_mentions
-- What others wrote and that quotes the number ($1, its digits), as a contact that they shared does.
UPDATE inbound_message SET content = NULL WHERE content::text ~ $1::text;

-- name: erase_preference
DELETE FROM preference WHERE person = $1::bytea;

-- name: erase_windows
DELETE FROM customer_window WHERE person = $1::bytea;

-- name: erase_reasons
UPDATE suppression SET reason = regexp_replace(reason, $2::text, '…', 'g') WHERE person = $1::bytea AND reason ~ $2::text;

-- name: erase_from_events
-- What operators said of runs, and it quotes the number.
UPDATE event AS e
   SET detail = (SELECT jsonb_object_agg(d.key, CASE jsonb_typeof(d.value)
                        WHEN 'string' THEN to_jsonb(regexp_replace(d.value #>> '{}', $1::text, '…', 'g'))
                        ELSE d.value END)
                   FROM jsonb_each(e.detail) AS d)
 WHERE e.detail::text ~ $1::text;

-- name: note_erased
INSERT INTO event (name, detail) VALUES ('person.erased', $1::jsonb);
