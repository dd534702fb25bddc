-- name: pause_template
-- $1 template, $2 language, $3 the webhook's own time: one that is repeated later must not undo a resume.
WITH told AS (
    INSERT INTO event (name, detail)
    SELECT 'template.paused', d.detail
      FROM (SELECT jsonb_build_object('template', $1::text, 'language', $2::text,
                                      'said_at', extract(epoch FROM $3::timestamptz)) AS detail) AS d
     WHERE $3::timestamptz IS NULL
        OR NOT EXISTS (SELECT FROM event AS e WHERE e.name = 'template.paused' AND e.detail = d.detail)
    RETURNING id
), stopped AS MATERIALIZED (
    SELECT r.id FROM run AS r, told WHERE r.state = 'running' AND r.template = $1::text ORDER BY r.id FOR UPDATE OF r
), paused AS (
    UPDATE run AS r SET state = 'paused', reason = 'template' FROM stopped AS s WHERE r.id = s.id RETURNING r.id
), opened AS (
    DELETE FROM quality_gate AS g USING told WHERE g.template = $1::text
)
INSERT INTO event (name, run, detail)
SELECT 'run.paused', id, jsonb_build_object('reason', 'template') FROM paused ORDER BY id
RETURNING run;

-- name: open_gates
-- The template turned GREEN: what is held will be sent, and so may the rest.
WITH opened AS (
    DELETE FROM quality_gate WHERE template = $1::text RETURNING run, template
)
INSERT INTO event (name, run, detail)
SELECT 'held.released', run, jsonb_build_object('template', template, 'because', 'green') FROM opened
RETURNING run;
