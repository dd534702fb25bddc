-- name: top_up_step
-- Move $3 messages of run $1 that is being planned into step $2: those of later steps that come next by the hash of
-- `ramp.chooser`. Where that is the first step, they fall due as soon as a sender looks.
WITH next AS MATERIALIZED (
    SELECT m.row, m.step
      FROM run AS r
      JOIN message AS m ON m.run = r.id AND m.state = 'pending' AND m.not_before = 'infinity' AND m.step > $2::int
     WHERE r.id = $1::bigint
     ORDER BY m.step, sha256(convert_to(r.campaign, 'UTF8') || '\x0072616d7000'::bytea || m.person), m.row
     LIMIT $3::int
), moved AS (
    UPDATE message AS m SET step = $2::int FROM next AS n WHERE m.run = $1::bigint AND m.row = n.row
    RETURNING m.shard, n.step AS came_from, m.variant, m.zone, m.region
)
SELECT shard, came_from, variant, zone, region, count(*)::int AS messages FROM moved GROUP BY 1, 2, 3, 4, 5;

-- name: runs_to_judge
-- Running runs with a ramp or a limit, each judged by one sender: whoever has the first of its shards that is owned.
-- left: something of the present step or of an earlier one is to be sent or under way, or waits for the quality check of
-- its template, which has limits of its own. What WhatsApp put off to another day holds nothing up.
SELECT r.id AS run, r.step, r.ramp, r.stop_if, r.judged_from, coalesce(u.unreleased, false) AS unreleased,
       coalesce(u.unreleased, false)
       OR EXISTS (SELECT FROM unnest(r.shards) AS s (id), LATERAL (
              SELECT FROM message AS m
               WHERE m.state = 'pending' AND m.shard = s.id AND m.run = r.id AND m.not_before < 'infinity'
                 AND NOT (m.day_waits > 0 AND m.not_before > now())
               -- In the order of the index, or all of them are looked up before the first is taken.
               ORDER BY m.shard, m.run, m.not_before
               LIMIT 1) AS p)
       OR EXISTS (SELECT FROM message AS m WHERE m.state = 'in_flight' AND m.run = r.id)
       OR EXISTS (SELECT FROM quality_gate AS g WHERE g.portfolio = r.portfolio AND g.template = ANY (r.templates)) AS left
  FROM run AS r
 CROSS JOIN LATERAL (
      SELECT (SELECT m.step FROM message AS m
               WHERE m.run = r.id AND m.state = 'pending' AND m.not_before = 'infinity'
               ORDER BY m.run, m.step LIMIT 1) <= r.step AS unreleased) AS u
 WHERE r.state = 'running' AND (cardinality(r.ramp) > 0 OR r.stop_if IS NOT NULL)
   AND $1::bigint = (SELECT s.owner FROM shard AS s JOIN process AS p ON p.id = s.owner AND p.ended_at IS NULL
                      WHERE s.id = ANY (r.shards) ORDER BY s.id LIMIT 1)
 ORDER BY r.id;

-- name: release_step
-- Let up to $2 messages of run $1 fall due whose step is open: at once, or when their hours begin. Repeating it goes on
-- where a crash left off. Who is locked by somebody else is taken next time.
WITH open AS MATERIALIZED (
    SELECT r.id, m.step
      FROM run AS r
     CROSS JOIN LATERAL (
          SELECT w.step FROM message AS w
           WHERE w.run = r.id AND w.state = 'pending' AND w.not_before = 'infinity'
           ORDER BY w.run, w.step LIMIT 1) AS m
     WHERE r.id = $1::bigint AND r.state = 'running' AND m.step <= r.step
), waiting AS MATERIALIZED (
    -- In the order of the index, which is that of the rows: it ends after so many.
    SELECT m.run, m.row, m.zone
      FROM open AS o
     CROSS JOIN LATERAL (
          SELECT w.run, w.row, w.zone FROM message AS w
           WHERE w.run = o.id AND w.step = o.step AND w.state = 'pending' AND w.not_before = 'infinity'
           ORDER BY w.run, w.step, w.row
           LIMIT $2::int
             FOR UPDATE OF w SKIP LOCKED) AS m
), hours AS MATERIALIZED (
    -- The first window of each zone that is not over; a zone without one keeps the window it was planned with.
    SELECT DISTINCT ON (h.zone) h.zone, h.opens_at, h.closes_at
      FROM run_window AS h
     WHERE h.run = $1::bigint AND h.closes_at > now()
     ORDER BY h.zone, h.opens_at
), released AS (
    UPDATE message AS m
       SET not_before = coalesce(h.opens_at, '-infinity'), not_after = coalesce(h.closes_at, m.not_after)
      FROM waiting AS w
      LEFT JOIN hours AS h ON h.zone = w.zone
     WHERE m.run = w.run AND m.row = w.row
    RETURNING m.row
)
SELECT count(*)::int FROM released;

-- name: outcomes
-- What became of the messages of run $1: one row for its present step ($2), one for the others. Wrong is what was sent
-- since $3. told: accepted, and WhatsApp said more of it than that it is held. quiet: since the last of it left, or
-- since the run went on after a pause or a quality check, during which nothing was to be expected.
SELECT m.step = $2::int AS present,
       count(*) FILTER (WHERE s.counts)::int AS settled,
       count(*) FILTER (WHERE s.counts AND m.state = 'rejected')::int AS rejected,
       count(*) FILTER (WHERE s.counts AND m.state = 'unknown')::int AS unknown,
       count(*) FILTER (WHERE s.counts AND m.delivery = 'failed')::int AS failed,
       count(*) FILTER (WHERE s.counts AND m.delivery = 'held')::int AS held,
       count(*) FILTER (WHERE s.counts AND m.delivery = 'dropped')::int AS dropped,
       count(*)::int AS ever_settled,
       count(*) FILTER (WHERE m.state = 'accepted')::int AS accepted,
       count(*) FILTER (WHERE m.state = 'accepted' AND m.delivery NOT IN ('none', 'held'))::int AS told,
       now() - greatest(max(m.marked_at), (SELECT max(e.at) FROM event AS e
                                            WHERE e.run = $1::bigint AND e.name IN ('run.resumed', 'held.released')))
           AS quiet
  FROM message AS m
 CROSS JOIN LATERAL (SELECT $3::timestamptz IS NULL OR m.marked_at > $3::timestamptz AS counts) AS s
 WHERE m.run = $1::bigint AND m.state IN ('accepted', 'rejected', 'unknown')
 GROUP BY 1;

-- name: opt_outs
-- Who said stop after a message of run $1 was sent to them since $3: in its present step ($2), and in others. What
-- WhatsApp's own codes say of an earlier stop is not held against this run.
SELECT m.step = $2::int AS present, count(DISTINCT m.row)::int AS opt_out
  FROM run AS r
  JOIN suppression AS s ON s.source IN ('stop_word', 'preference') AND s.at > coalesce($3::timestamptz, r.started_at)
  JOIN message AS m ON m.run = r.id AND m.person = s.person
 WHERE r.id = $1::bigint AND m.state = 'accepted' AND s.at > m.marked_at
   AND ($3::timestamptz IS NULL OR m.marked_at > $3::timestamptz)
 GROUP BY 1;

-- name: open_step
-- Open the step after $2 of run $1; whoever comes second changes nothing. $3: what there is to say.
WITH opened AS (
    UPDATE run
       SET step = step + 1
     WHERE id = $1::bigint AND state = 'running' AND step = $2::int AND step + 1 < cardinality(ramp)
    RETURNING id
)
INSERT INTO event (name, run, detail) SELECT 'ramp.opened', id, $3::jsonb FROM opened
RETURNING run;

-- name: pause_judged
-- Pause run $1 for reason $4, unless it went on since it was counted: step $2, judged from $3. $5: what there is to say.
WITH paused AS (
    UPDATE run
       SET state = 'paused', reason = $4::text
     WHERE id = $1::bigint AND state = 'running' AND step = $2::int AND judged_from IS NOT DISTINCT FROM $3::timestamptz
    RETURNING id
)
INSERT INTO event (name, run, detail)
SELECT 'run.paused', id, $5::jsonb || jsonb_build_object('reason', $4::text) FROM paused
RETURNING run;
