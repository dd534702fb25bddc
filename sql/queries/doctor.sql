-- name: findings
-- What only the ledger knows: webhooks that could not be read within a week, and shards that stand still.
SELECT (SELECT count(*)::int FROM webhook WHERE quarantined IS NOT NULL AND received_at > now() - interval '7 days') AS quarantined,
       (SELECT count(*)::int FROM webhook WHERE parsed_at IS NULL) AS unparsed,
       (SELECT coalesce(jsonb_object_agg(s.id, s.stopped_code), '{}') FROM shard AS s
         WHERE s.stopped_code IS NOT NULL AND s.id = ANY ($1::text[])) AS stopped,
       EXISTS (SELECT FROM run WHERE state = 'running') AS running;
