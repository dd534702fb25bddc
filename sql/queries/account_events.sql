-- name: learn_numbers
-- What people dial to reach the numbers at addresses $1: digits $2. Returns the addresses of which it was known before.
WITH said AS MATERIALIZED (
    SELECT * FROM unnest($1::text[], $2::text[]) AS s (address, display)
), changed AS MATERIALIZED (
    SELECT n.id, s.display
      FROM shard AS n
      JOIN said AS s ON s.address = n.address
     WHERE n.display IS DISTINCT FROM s.display
     ORDER BY n.id
       FOR NO KEY UPDATE OF n
), learned AS (
    UPDATE shard AS n SET display = c.display FROM changed AS c WHERE n.id = c.id
)
SELECT DISTINCT s.address FROM said AS s JOIN shard AS n ON n.address = s.address AND n.display = s.display;

-- name: shards_of
-- $1: what the platform calls the number, or the digits people dial.
SELECT id FROM shard WHERE address = $1::text OR display = $1::text ORDER BY id;

-- name: keep_events
-- Each event once; returns the digests of those that are news. In key order, so that two receivers cannot wait for each
-- other in a circle. What bears no time cannot be told from its own repeat: it is news each time.
INSERT INTO account_event AS e (digest, field, event, subject, language, account, ours, said_at, detail)
SELECT u.digest, u.field, u.event, u.subject, u.language, u.account, u.ours, u.said_at, u.detail::jsonb
  FROM unnest($1::bytea[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::bool[], $8::timestamptz[],
              $9::text[]) AS u (digest, field, event, subject, language, account, ours, said_at, detail)
 ORDER BY u.digest
    ON CONFLICT (digest) DO UPDATE SET received_at = now() WHERE e.said_at IS NULL
RETURNING digest;

-- name: pause_touched
-- $1 portfolio, $2 template, $3 language, $4 categories, $5 shards: each narrows the runs down where it is given.
-- $6 reason, $7 what there is to say. Languages and categories that a run leaves open, or works out from a person's
-- values, cannot be told: such a run is touched. The template's gates go, so that a resume sends.
WITH touched AS MATERIALIZED (
    SELECT r.id
      FROM run AS r
     WHERE (r.state = 'running' OR r.id IN (SELECT g.run FROM quality_gate AS g))
       AND ($1::text IS NULL OR r.portfolio = $1::text)
       AND ($2::text IS NULL AND $3::text IS NULL
            OR EXISTS (SELECT FROM run_template AS t
                        WHERE t.run = r.id
                          AND ($2::text IS NULL OR t.template = $2::text OR t.template LIKE '%{%')
                          AND ($3::text IS NULL OR t.language = lower($3::text) OR t.language LIKE '%{%')))
       AND ($4::text[] IS NULL OR coalesce(r.definition ->> 'category' = ANY ($4::text[]), true))
       AND ($5::text[] IS NULL OR r.shards && $5::text[])
), stopped AS MATERIALIZED (
    SELECT r.id
      FROM run AS r
      JOIN touched AS t ON t.id = r.id
     WHERE r.state = 'running'
     ORDER BY r.id
       FOR UPDATE OF r
), paused AS (
    UPDATE run AS r SET state = 'paused', reason = $6::text FROM stopped AS s WHERE r.id = s.id RETURNING r.id
), opened AS (
    DELETE FROM quality_gate AS g
     USING touched AS t
     WHERE g.run = t.id AND (g.template = $2::text OR g.template LIKE '%{%' AND $2::text IS NOT NULL)
)
INSERT INTO event (name, run, detail)
SELECT 'run.paused', id, $7::jsonb || jsonb_build_object('reason', $6::text) FROM paused ORDER BY id
RETURNING run;

-- name: open_gates
-- The template ($2, in language $3, of portfolio $1) turned GREEN: what is held will be sent, and so may the rest.
-- A gate that a run in another language closed stays.
WITH opened AS (
    DELETE FROM quality_gate AS g
     WHERE g.template = $2::text
       AND ($1::text IS NULL OR g.portfolio = $1::text)
       AND EXISTS (SELECT FROM run_template AS t
                    WHERE t.run = g.run AND t.template = g.template
                      AND ($3::text IS NULL OR t.language = lower($3::text) OR t.language LIKE '%{%'))
    RETURNING g.run, g.template
)
INSERT INTO event (name, run, detail)
SELECT 'held.released', run, jsonb_build_object('template', template, 'because', 'green') FROM opened
RETURNING run;
