-- name: list_names
SELECT name FROM audience_list ORDER BY name;

-- name: list_columns
SELECT id, columns FROM audience_list WHERE name = $1::text;

-- name: list_members
-- Read under one snapshot: a list that is replaced meanwhile is read to its old end.
SELECT row, number, person, variables FROM audience_member WHERE list = $1::bigint ORDER BY row;

-- name: count_members
SELECT count(*) FROM audience_member WHERE list = $1::bigint;

-- name: lock_list
-- One import of a list at a time, over all processes; released at commit.
SELECT pg_advisory_xact_lock(7144, hashtext($1::text));

-- name: drop_list
DELETE FROM audience_list WHERE name = $1::text;

-- name: create_list
INSERT INTO audience_list (name, columns, digest) VALUES ($1::text, $2::text[], ''::bytea) RETURNING id;

-- name: create_staged_members
CREATE TEMP TABLE staged_member (
    row int NOT NULL, person bytea NOT NULL, number text NOT NULL, variables jsonb NOT NULL
) ON COMMIT DROP;

-- name: keep_members
-- Staged rows become members of list $1, the first of each person; the others are returned with the row they repeat.
-- Nobody who asked to be forgotten comes back: their rows are returned without one.
WITH kept AS (
    INSERT INTO audience_member (list, row, person, number, variables)
    SELECT $1::bigint, s.row, s.person, s.number, s.variables
      FROM staged_member AS s
     WHERE NOT EXISTS (SELECT FROM suppression AS e WHERE e.person = s.person AND e.source = 'erased')
     ORDER BY s.row
        ON CONFLICT ON CONSTRAINT audience_member_once_per_list DO NOTHING
    RETURNING row, person
)
SELECT s.row,
       coalesce((SELECT k.row FROM kept AS k WHERE k.person = s.person),
                (SELECT a.row FROM audience_member AS a WHERE a.list = $1::bigint AND a.person = s.person)) AS first
  FROM staged_member AS s
 WHERE NOT EXISTS (SELECT FROM kept AS k WHERE k.row = s.row)
 ORDER BY s.row;

-- name: empty_staged_members
-- In place, because the table was made in this transaction.
TRUNCATE staged_member;

-- name: finish_list
UPDATE audience_list SET digest = $2::bytea WHERE id = $1::bigint;

-- name: analyze_members
ANALYZE audience_member;
