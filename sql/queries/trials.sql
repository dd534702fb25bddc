-- name: suppressed
SELECT DISTINCT person FROM suppression WHERE person = ANY ($1::bytea[]) AND scope IN ('all', $2::text);

-- name: answerable
SELECT DISTINCT person FROM customer_window
 WHERE person = ANY ($1::bytea[]) AND address = ANY ($2::text[]) AND until > now();

-- name: became
SELECT m.row, m.state::text, m.delivery::text, m.reason, m.code
  FROM run AS r JOIN message AS m ON m.run = r.id
 WHERE r.campaign = $1::text AND r.key = $2::text
 ORDER BY m.row;
