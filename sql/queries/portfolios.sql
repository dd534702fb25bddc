-- name: lease
-- Let shard $1 (epoch $2) count more people for portfolio $3: a hundredth of its limit, or $4 if that is more. No row where
-- so many are not known to be free; with $5 fewer will do. What the shard had of another portfolio goes back.
-- One short statement: who leases next need not wait for the disk. A crash that forgets the lease forgets what it let
-- through as well, since that was committed after it.
WITH quickly AS MATERIALIZED (
    SELECT set_config('synchronous_commit', 'off', true)
), held AS MATERIALIZED (
    SELECT p.portfolio, p.people - p.used AS free, greatest(p.people / 100, $4::int) AS wanted
      FROM portfolio AS p, quickly
     WHERE p.portfolio = $3::text
       FOR NO KEY UPDATE OF p
), granted AS (
    UPDATE portfolio AS p
       SET used = p.used + least(h.wanted, h.free), full_until = NULL
      FROM held AS h
     WHERE p.portfolio = h.portfolio AND h.free >= CASE WHEN $5::bool THEN 1 ELSE h.wanted END
       AND EXISTS (SELECT FROM shard AS s WHERE s.id = $1::text AND s.epoch = $2::bigint)
    RETURNING least(h.wanted, h.free) AS people
)
UPDATE shard AS s
   SET allowance = CASE WHEN s.allowance_of = $3::text THEN s.allowance ELSE 0 END + g.people,
       allowance_of = $3::text, allowance_at = clock_timestamp()
  FROM granted AS g
 WHERE s.id = $1::text AND s.epoch = $2::bigint
RETURNING s.allowance;

-- name: hold_portfolio
-- One count of a portfolio ($1) at a time; no row where it is unlimited.
SELECT uncounted FROM portfolio WHERE portfolio = $1::text AND people IS NOT NULL FOR NO KEY UPDATE;

-- name: count_used
-- What is counted and out on lease, counted anew once the portfolio ($1) is held: marks move people from the one to the
-- other meanwhile, each in one commit, and nothing but a lease adds to their sum. If that is all, until when: NULL where
-- nobody counts.
WITH counted AS MATERIALIZED (
    SELECT c.person, max(c.counted_at) AS at
      FROM portfolio AS p
      JOIN content_claim AS c ON c.counted_at > now() - p.counts_for
      JOIN run AS r ON r.id = c.run AND r.portfolio = p.portfolio
     WHERE p.portfolio = $1::text
     GROUP BY c.person
), used AS MATERIALIZED (
    SELECT (SELECT count(*) FROM counted)
           + (SELECT coalesce(sum(s.allowance), 0) FROM shard AS s WHERE s.allowance_of = $1::text) AS people,
           (SELECT min(c.at) FROM counted AS c) AS first
)
UPDATE portfolio AS p
   SET used = u.people, uncounted = false,
       full_until = CASE WHEN u.people >= p.people THEN u.first + p.counts_for END
  FROM used AS u
 WHERE p.portfolio = $1::text
RETURNING (p.people - u.people)::int AS spare,
          extract(epoch FROM u.first + p.counts_for - clock_timestamp())::float8 AS seconds;

-- name: return_idle
-- Allowances that nobody used for $1 seconds go back: of shards with nothing to send, given away, or left by the dead.
-- A shard that is marking just now is not idle.
WITH idle AS MATERIALIZED (
    SELECT id FROM shard
     WHERE allowance > 0 AND allowance_at < now() - make_interval(secs => $1::float8)
     ORDER BY id
       FOR NO KEY UPDATE SKIP LOCKED
)
UPDATE shard AS s SET allowance = 0 FROM idle AS i WHERE s.id = i.id;

-- name: set_limit
-- Portfolio $1 may write to $2 people (NULL: unlimited) in $3, says $4. No row if that is known, or if what the settings
-- say outweighs it ($5).
-- What is out on lease goes back: of every shard, since a lease may have been granted after this statement first looked.
-- New or of another size, what is used is counted before the next lease.
WITH written AS (
    INSERT INTO portfolio AS p (portfolio, people, span, source, uncounted)
    VALUES ($1::text, $2::int, $3::interval, $4::text, $2::int IS NOT NULL)
        ON CONFLICT (portfolio) DO UPDATE
       SET people = excluded.people, span = excluded.span, source = excluded.source, used = NULL, full_until = NULL,
           uncounted = excluded.people IS NOT NULL AND (p.uncounted OR p.people IS NULL),
           changed_at = CASE WHEN p.people IS DISTINCT FROM excluded.people THEN now() ELSE p.changed_at END
     WHERE (p.people, p.span, p.source) IS DISTINCT FROM (excluded.people, excluded.span, excluded.source)
       AND NOT ($5::bool AND p.source = 'settings')
    RETURNING p.portfolio
), leased AS MATERIALIZED (
    SELECT s.id FROM shard AS s WHERE EXISTS (SELECT FROM written) ORDER BY s.id FOR NO KEY UPDATE OF s
), taken_back AS (
    UPDATE shard AS s
       SET allowance = CASE WHEN s.allowance_of = $1::text THEN 0 ELSE s.allowance END
      FROM leased AS l
     WHERE s.id = l.id
)
SELECT portfolio FROM written;

-- name: is_uncounted
SELECT uncounted FROM portfolio WHERE portfolio = $1::text;

-- name: let_marks_pass
-- Marks hold the row of their shard: those that saw no limit yet have committed before this returns.
SELECT FROM shard ORDER BY id FOR NO KEY UPDATE;

-- name: count_earlier
-- A portfolio ($1, held) that was not limited counted nobody: count whom it wrote to in the window by the messages
-- themselves, each under run and row. Within a customer service window or not cannot be told any more, so all of them
-- count; so does an attempt that was taken, or may have been, before it was ordered again.
INSERT INTO content_claim AS c (person, content, campaign, run, row, until, counted_at, inherited)
SELECT DISTINCT ON (m.person) m.person, int8send(m.run) || int4send(m.row), r.campaign, m.run, m.row, now(), m.marked_at, true
  FROM portfolio AS p
  JOIN run AS r ON r.portfolio = p.portfolio
               AND (r.state IN ('running', 'paused')
                    OR coalesce(r.last_departure_at, r.finished_at) > now() - p.counts_for - interval '1 hour')
  JOIN message AS m ON m.run = r.id
 WHERE p.portfolio = $1::text AND p.uncounted
   AND (m.state IN ('in_flight', 'accepted', 'unknown') OR m.taken_before) AND m.marked_at > now() - p.counts_for
 ORDER BY m.person, m.marked_at DESC
    ON CONFLICT ON CONSTRAINT content_once_per_person DO UPDATE
   SET counted_at = greatest(c.counted_at, excluded.counted_at), inherited = true;

-- name: usage
SELECT p.people, p.span, p.source, p.full_until,
       (SELECT count(DISTINCT c.person)::int
          FROM content_claim AS c
          JOIN run AS r ON r.id = c.run AND r.portfolio = p.portfolio
         WHERE c.counted_at > now() - p.counts_for) AS counted
  FROM portfolio AS p
 WHERE p.portfolio = $1::text;

-- name: counted_when
-- When those were counted who count now for portfolio $1, a hundredth of the window ($2) at a time: its end, and how many.
WITH counted AS (
    SELECT c.person, max(c.counted_at) AS at
      FROM content_claim AS c
      JOIN run AS r ON r.id = c.run AND r.portfolio = $1::text
     WHERE c.counted_at > now() - $2::interval
     GROUP BY c.person
)
SELECT date_bin($2::interval / 100, c.at, timestamptz '2000-01-01') + $2::interval / 100 AS at, count(*)::int AS people
  FROM counted AS c
 GROUP BY 1
 ORDER BY 1;

-- name: new_people
-- How many of run $1's pending people would be new to the window, which lasts $2: neither counted nor in an open customer
-- service window of the number they are sent to from.
WITH counted AS MATERIALIZED (
    SELECT DISTINCT c.person
      FROM content_claim AS c
      JOIN run AS o ON o.id = c.run
      JOIN run AS r ON r.id = $1::bigint AND r.portfolio = o.portfolio
     WHERE c.counted_at > now() - $2::interval
)
SELECT count(*)::int
  FROM message AS m
  LEFT JOIN shard AS s ON s.id = m.shard
 WHERE m.run = $1::bigint AND m.state = 'pending'
   AND NOT EXISTS (SELECT FROM counted AS c WHERE c.person = m.person)
   AND NOT EXISTS (SELECT FROM customer_window AS w
                    WHERE w.person = m.person AND w.address = s.address AND w.until > now());
