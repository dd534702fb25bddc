-- name: addressees
-- Whom messages of ours went to, by message ID.
SELECT DISTINCT ON (message_id) message_id, run, person
  FROM message
 WHERE message_id = ANY ($1::text[])
 ORDER BY message_id, run, row;

-- name: keep_messages
-- Keep what people wrote, and tell what was not known before. JSON comes as text: an array of jsonb takes a list in it
-- for another dimension. What its author deleted is not kept and counts all the same: order does not matter. What
-- somebody writes who asked to be forgotten is nothing.
WITH said AS MATERIALIZED (
    SELECT u.*,
           EXISTS (SELECT FROM fact AS f WHERE f.message_id = u.message_id AND f.status = 'deleted') AS deleted
      FROM unnest($1::text[], $2::bigint[], $3::bytea[], $4::text[], $5::timestamptz[], $6::text[], $7::text[])
        AS u (message_id, webhook, person, address, at, kind, content)
     WHERE NOT EXISTS (SELECT FROM suppression AS s WHERE s.person = u.person AND s.source = 'erased')
), kept AS (
    INSERT INTO inbound_message (message_id, webhook, person, address, at, kind, content)
    SELECT s.message_id, s.webhook, s.person, s.address, s.at, s.kind, s.content::jsonb
      FROM said AS s
     WHERE NOT s.deleted
     ORDER BY s.message_id
        ON CONFLICT (message_id) DO NOTHING
    RETURNING message_id
)
SELECT message_id FROM kept UNION ALL SELECT message_id FROM said WHERE deleted;

-- name: prefer
-- $1 persons, $2 stopped, $3 when. The newest choice counts, of two at one time the stop; a time to come counts as now,
-- or no later choice could ever replace it.
INSERT INTO preference AS p (person, stopped, at)
SELECT DISTINCT ON (u.person) u.person, u.stopped, least(u.at, now())
  FROM unnest($1::bytea[], $2::bool[], $3::timestamptz[]) AS u (person, stopped, at)
 ORDER BY u.person, u.at DESC, u.stopped DESC
    ON CONFLICT (person) DO UPDATE
   SET stopped = excluded.stopped, at = excluded.at
 WHERE (excluded.at, excluded.stopped) > (p.at, p.stopped)
RETURNING person, stopped, at;

-- name: note_opt_outs
-- $1 runs, $2 how many people opted out by answering them.
INSERT INTO event (name, run, detail)
SELECT 'people.opted_out', u.run, jsonb_build_object('people', u.people)
  FROM unnest($1::bigint[], $2::int[]) AS u (run, people)
 ORDER BY u.run;

-- name: open_windows
-- $1 persons, $2 the numbers they wrote to, $3 when. In key order, as everywhere; a time to come counts as now.
INSERT INTO customer_window AS w (person, address, until)
SELECT u.person, u.address, max(least(u.at, now())) + interval '24 hours'
  FROM unnest($1::bytea[], $2::text[], $3::timestamptz[]) AS u (person, address, at)
 GROUP BY u.person, u.address
HAVING max(u.at) > now() - interval '24 hours'
 ORDER BY u.person, u.address
    ON CONFLICT ON CONSTRAINT customer_window_once_per_person_and_number DO UPDATE
   SET until = excluded.until
 WHERE w.until < excluded.until;

-- name: count_inbound
-- $1 numbers, $2 when each message was sent. By that minute, not by ours: what comes late adds to a minute that nobody
-- paces by any more.
INSERT INTO inbound_minute AS m (address, minute, messages)
SELECT u.address, date_trunc('minute', least(u.at, now())), count(*)::int
  FROM unnest($1::text[], $2::timestamptz[]) AS u (address, at)
 WHERE u.at > now() - interval '1 hour'
 GROUP BY 1, 2
 ORDER BY 1, 2
    ON CONFLICT ON CONSTRAINT inbound_minute_is_counted_once DO UPDATE
   SET messages = m.messages + excluded.messages;
