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
-- $1 numbers, $2 when each message was sent. By that minute, not by ours: what is repeated later adds to a minute that
-- nobody paces by any more.
INSERT INTO inbound_minute AS m (address, minute, messages)
SELECT u.address, date_trunc('minute', least(u.at, now())), count(*)::int
  FROM unnest($1::text[], $2::timestamptz[]) AS u (address, at)
 WHERE u.at > now() - interval '1 hour'
 GROUP BY 1, 2
 ORDER BY 1, 2
    ON CONFLICT ON CONSTRAINT inbound_minute_is_counted_once DO UPDATE
   SET messages = m.messages + excluded.messages;
