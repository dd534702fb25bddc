-- name: raw_webhooks
-- Bodies that were read, $2 after they came; what nobody has read yet stays. Two receivers clear beside each other.
WITH old AS MATERIALIZED (
    SELECT id FROM webhook
     WHERE received_at < now() - $2::interval AND parsed_at IS NOT NULL
     ORDER BY received_at
     LIMIT $1::int
       FOR UPDATE SKIP LOCKED
), gone AS (
    DELETE FROM webhook AS w USING old AS o WHERE w.id = o.id RETURNING w.id
)
SELECT count(*)::int FROM gone;

-- name: inbound_content
-- What people wrote goes $2 after it came; that they did is kept for as long as WhatsApp repeats itself.
WITH old AS MATERIALIZED (
    SELECT message_id FROM inbound_message
     WHERE received_at < now() - $2::interval AND content IS NOT NULL
     ORDER BY received_at
     LIMIT $1::int
       FOR UPDATE SKIP LOCKED
), gone AS (
    UPDATE inbound_message AS i SET content = NULL FROM old AS o WHERE i.message_id = o.message_id RETURNING i.message_id
)
SELECT count(*)::int FROM gone;

-- name: inbound_messages
-- WhatsApp repeats a webhook for up to seven days: forgotten sooner, an old stop would count as a new one.
WITH old AS MATERIALIZED (
    SELECT message_id FROM inbound_message
     WHERE received_at < now() - greatest($2::interval, interval '8 days')
     ORDER BY received_at
     LIMIT $1::int
       FOR UPDATE SKIP LOCKED
), gone AS (
    DELETE FROM inbound_message AS i USING old AS o WHERE i.message_id = o.message_id RETURNING i.message_id
)
SELECT count(*)::int FROM gone;

-- name: strangers_facts
-- What was said of messages that are not of this ledger; WhatsApp repeats itself for seven days.
WITH old AS MATERIALIZED (
    SELECT message_id, status, at, code FROM fact
     WHERE run IS NULL AND received_at < now() - greatest($2::interval, interval '8 days')
     ORDER BY received_at
     LIMIT $1::int
       FOR UPDATE SKIP LOCKED
), gone AS (
    DELETE FROM fact AS f
     USING old AS o
     WHERE (f.message_id, f.status, f.at, f.code) = (o.message_id, o.status, o.at, o.code)
    RETURNING f.message_id
)
SELECT count(*)::int FROM gone;

-- name: customer_windows
WITH old AS MATERIALIZED (
    SELECT person, address FROM customer_window
     WHERE until < now()
     LIMIT $1::int
       FOR UPDATE SKIP LOCKED
), gone AS (
    DELETE FROM customer_window AS w
     USING old AS o
     WHERE w.person = o.person AND w.address = o.address
    RETURNING w.person
)
SELECT count(*)::int FROM gone;

-- name: claims_of_nothing
-- Whom runs that claim no content wrote to: of no use once the longest window of a portfolio's limit is over.
WITH old AS MATERIALIZED (
    SELECT person, content FROM content_claim
     WHERE octet_length(content) = 12 AND until < now() - interval '8 days'
     LIMIT $1::int
       FOR UPDATE SKIP LOCKED
), gone AS (
    DELETE FROM content_claim AS c
     USING old AS o
     WHERE c.person = o.person AND c.content = o.content
    RETURNING c.person
)
SELECT count(*)::int FROM gone;

-- name: inbound_minutes
WITH old AS MATERIALIZED (
    SELECT address, minute FROM inbound_minute
     WHERE minute < now() - interval '1 day'
     LIMIT $1::int
       FOR UPDATE SKIP LOCKED
), gone AS (
    DELETE FROM inbound_minute AS m
     USING old AS o
     WHERE m.address = o.address AND m.minute = o.minute
    RETURNING m.minute
)
SELECT count(*)::int FROM gone;

-- name: media_uploads
-- WhatsApp has dropped these files; whoever needs one again uploads it again.
WITH old AS MATERIALIZED (
    SELECT address, sha256 FROM media_upload
     WHERE expires_at < now() - interval '1 day' AND (claimed_until IS NULL OR claimed_until < now())
     LIMIT $1::int
       FOR UPDATE SKIP LOCKED
), gone AS (
    DELETE FROM media_upload AS u
     USING old AS o
     WHERE u.address = o.address AND u.sha256 = o.sha256
    RETURNING u.address
)
SELECT count(*)::int FROM gone;

-- name: processes
-- Ended long ago, and nothing refers to them that is not over.
WITH old AS MATERIALIZED (
    SELECT p.id FROM process AS p
     WHERE p.ended_at < now() - interval '90 days'
       AND NOT EXISTS (SELECT FROM shard AS s WHERE s.owner = p.id)
     LIMIT $1::int
       FOR UPDATE SKIP LOCKED
), gone AS (
    DELETE FROM process AS p USING old AS o WHERE p.id = o.id RETURNING p.id
)
SELECT count(*)::int FROM gone;
