-- name: suppress
-- $1 persons, $2 scopes, $3 sources, $4 reasons. In key order, as everywhere; what is known is left as it is.
INSERT INTO suppression (person, scope, source, reason)
SELECT DISTINCT ON (u.person, u.scope, u.source) u.person, u.scope, u.source, u.reason
  FROM unnest($1::bytea[], $2::text[], $3::text[], $4::text[]) AS u (person, scope, source, reason)
 ORDER BY u.person, u.scope, u.source, u.reason
    ON CONFLICT ON CONSTRAINT suppression_once_per_source DO NOTHING
RETURNING person;

-- name: suppress_refused
-- Whom rows ($1 runs, $2 rows) belong to must not be written to again in scope $3, says WhatsApp by code $4.
WITH refused AS MATERIALIZED (
    SELECT DISTINCT ON (m.person, u.scope) m.person, u.scope, u.code::text AS reason
      FROM unnest($1::bigint[], $2::int[], $3::text[], $4::int[]) AS u (run, row, scope, code)
      JOIN message AS m ON m.run = u.run AND m.row = u.row
     ORDER BY m.person, u.scope, u.code
), kept AS (
    INSERT INTO suppression (person, scope, source, reason)
    SELECT person, scope, 'whatsapp', reason FROM refused ORDER BY person, scope
        ON CONFLICT ON CONSTRAINT suppression_once_per_source DO NOTHING
)
SELECT DISTINCT person FROM refused;

-- name: leave_out
-- What is pending for these people ($1), in any run that is not over, ends here if they are suppressed in its scope.
-- LIMIT: each is looked up by its index, however many people and runs there are; a large ledger is never read through.
-- $2 runs, $3 rows: rows that the same transaction writes next, so that all of them are locked in one order: rows, then
-- claims, each in key order, as everywhere.
-- All their rows are locked, not the pending ones alone, and judged as they are then: so a message that goes back in line
-- beside this statement is seen, and one that goes later meets a mark that knows of the suppression. A mark that holds a
-- row goes first; one that waits for it then finds it skipped. Only what a plan commits beside this statement is not seen
-- by it: hence asked again after its commit.
WITH suppressed AS MATERIALIZED (
    SELECT DISTINCT person, scope FROM suppression WHERE person = ANY ($1::bytea[])
), theirs AS MATERIALIZED (
    SELECT m.run, m.row
      FROM run AS r
     CROSS JOIN (SELECT DISTINCT person FROM suppressed) AS p
     CROSS JOIN LATERAL (SELECT run, row FROM message WHERE run = r.id AND person = p.person LIMIT 1) AS m
     WHERE r.state NOT IN ('finished', 'cancelled')
       AND EXISTS (SELECT FROM suppressed AS s
                    WHERE s.person = p.person AND (s.scope = 'all' OR s.scope = r.definition ->> 'category'))
), locked AS MATERIALIZED (
    SELECT m.run, m.row, m.state
      FROM (SELECT run, row FROM theirs UNION SELECT run, row FROM unnest($2::bigint[], $3::int[]) AS u (run, row)) AS a
      JOIN message AS m ON m.run = a.run AND m.row = a.row
     ORDER BY m.run, m.row
       FOR UPDATE OF m
), skipped AS (
    UPDATE message AS m
       SET state = 'skipped', reason = 'suppressed', settled_at = now()
      FROM locked AS l
      JOIN theirs AS t ON t.run = l.run AND t.row = l.row
     WHERE m.run = l.run AND m.row = l.row AND l.state = 'pending'
    RETURNING m.run, m.row, m.person, m.content, m.taken_before
), freed AS (
    -- Of an earlier attempt that did not leave: what it claimed was never sent.
    DELETE FROM content_claim AS c
     USING (SELECT k.person, k.content
              FROM skipped AS s
              JOIN content_claim AS k ON k.person = s.person AND k.content = s.content
             WHERE NOT s.taken_before AND NOT k.inherited AND k.run = s.run AND k.row = s.row
             ORDER BY k.person, k.content
               FOR UPDATE OF k) AS f
     WHERE c.person = f.person AND c.content = f.content
)
SELECT run, row FROM skipped;

-- name: allow
-- Take back what was said against these people ($1) in scopes $2 by sources $3.
DELETE FROM suppression AS s
 USING (SELECT person, scope, source FROM suppression
         WHERE person = ANY ($1::bytea[]) AND scope = ANY ($2::text[]) AND source = ANY ($3::text[])
         ORDER BY person, scope, source
           FOR UPDATE) AS f
 WHERE s.person = f.person AND s.scope = f.scope AND s.source = f.source
RETURNING s.person, s.scope, s.source;

-- name: suppressions_of
SELECT person, scope, source, reason, at FROM suppression WHERE person = ANY ($1::bytea[]) ORDER BY person, scope, source;

-- name: count_suppressions
SELECT source, scope, count(*)::int AS people, max(at) AS newest FROM suppression GROUP BY source, scope ORDER BY 1, 2;

-- name: newest_suppressions
SELECT person, scope, source, reason, at FROM suppression ORDER BY at DESC, person, scope, source LIMIT $1::int;

-- name: count_suppressed
-- People, each once.
SELECT count(DISTINCT person)::int FROM suppression;
