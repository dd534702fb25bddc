-- The ledger: who is sent what, once. Everything lives in the schema of the connection's search_path.

CREATE TYPE send_state AS ENUM ('pending', 'in_flight', 'accepted', 'rejected', 'unknown', 'skipped', 'cancelled');
CREATE TYPE delivery_state AS ENUM ('none', 'held', 'sent', 'delivered', 'read', 'failed', 'dropped');
CREATE TYPE run_state AS ENUM ('planning', 'scheduled', 'running', 'paused', 'finished', 'cancelled');

-- Whose ledger this is. The id travels in callback data, so that another installation's messages are told from ours.
CREATE TABLE installation (
    one boolean PRIMARY KEY DEFAULT true CONSTRAINT installation_is_only_one CHECK (one),
    id text NOT NULL CONSTRAINT installation_id_is_eight_hex_digits CHECK (id ~ '^[0-9a-f]{8}$'),
    person_key_check bytea NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);

-- A living program. Its session holds an advisory lock on the id for as long as it lives.
CREATE TABLE process (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    purpose text NOT NULL CONSTRAINT process_sends_or_receives CHECK (purpose IN ('sender', 'receiver')),
    host text NOT NULL,
    pid int NOT NULL,
    started_at timestamptz NOT NULL DEFAULT now(),
    heartbeat_at timestamptz NOT NULL DEFAULT now(),
    ended_at timestamptz
);
CREATE INDEX process_alive ON process (purpose) WHERE ended_at IS NULL;

-- One sending lane. epoch is the fencing token: take raises it, mark checks it.
CREATE TABLE shard (
    id text PRIMARY KEY,
    epoch bigint NOT NULL DEFAULT 0,
    owner bigint,
    taken_at timestamptz,
    ceiling double precision CONSTRAINT shard_ceiling_is_positive CHECK (ceiling > 0),
    lowered double precision CONSTRAINT shard_is_never_lowered_to_nothing CHECK (lowered > 0),
    lowered_at timestamptz
) WITH (fillfactor = 50);

CREATE TABLE run (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    public_id uuid NOT NULL DEFAULT gen_random_uuid() CONSTRAINT run_public_id_is_unique UNIQUE,
    campaign text NOT NULL,
    key text NOT NULL,
    state run_state NOT NULL DEFAULT 'planning',
    reason text CONSTRAINT run_reason_is_a_known_one CHECK (reason IN (
        'command', 'held', 'dropped', 'quality', 'stop_loss', 'limit', 'quiet_hours', 'account', 'token', 'template',
        'unanswered', 'ghost', 'multi_id', 'budget')),
    planner bigint,
    launcher bigint,
    high boolean NOT NULL DEFAULT false,
    definition jsonb NOT NULL,
    fingerprints jsonb NOT NULL,
    portfolio text NOT NULL,
    template text NOT NULL,
    when_held text NOT NULL CONSTRAINT run_when_held_is_a_known_policy CHECK (when_held IN ('wait', 'pause', 'continue')),
    held_limit interval NOT NULL,
    duplicate_window interval,
    own_runs boolean NOT NULL DEFAULT true,
    tolerate double precision NOT NULL,
    settle interval NOT NULL,
    rate double precision CONSTRAINT run_rate_is_positive CHECK (rate > 0),
    shards text[] NOT NULL CONSTRAINT run_has_a_shard CHECK (cardinality(shards) > 0),
    audience int,
    audience_digest bytea,
    resent int NOT NULL DEFAULT 0,
    created_at timestamptz NOT NULL DEFAULT now(),
    planned_at timestamptz,
    started_at timestamptz,
    first_departure_at timestamptz,
    last_departure_at timestamptz,
    finished_at timestamptz,
    CONSTRAINT run_once_per_campaign_and_key UNIQUE (campaign, key),
    CONSTRAINT run_paused_says_why CHECK (state <> 'paused' OR reason IS NOT NULL)
);
CREATE INDEX run_running ON run (id) WHERE state = 'running';

-- One person in one run. row is the row of the audience it came from.
CREATE TABLE message (
    run bigint NOT NULL,
    row int NOT NULL,
    person bytea NOT NULL,
    shard text NOT NULL,
    state send_state NOT NULL DEFAULT 'pending',
    delivery delivery_state NOT NULL DEFAULT 'none',
    attempt smallint NOT NULL DEFAULT 0,
    pair_waits smallint NOT NULL DEFAULT 0,
    was_held boolean NOT NULL DEFAULT false,
    ghost boolean NOT NULL DEFAULT false,
    multi_id boolean NOT NULL DEFAULT false,
    conflict boolean NOT NULL DEFAULT false,
    code int,
    marked_by bigint,
    marked_at timestamptz,
    settled_at timestamptz,
    not_before timestamptz NOT NULL DEFAULT '-infinity',
    not_after timestamptz NOT NULL DEFAULT 'infinity',
    content bytea NOT NULL,
    number text NOT NULL,
    reason text,
    message_id text,
    variables jsonb NOT NULL,
    CONSTRAINT message_row_is_unique PRIMARY KEY (run, row),
    CONSTRAINT message_once_per_person_and_run UNIQUE (run, person),
    CONSTRAINT message_accepted_has_an_id CHECK (state <> 'accepted' OR message_id IS NOT NULL),
    CONSTRAINT message_delivery_only_once_accepted CHECK (delivery = 'none' OR state = 'accepted'),
    CONSTRAINT message_skipped_says_why CHECK (state <> 'skipped' OR reason IS NOT NULL AND reason IN (
        'suppressed', 'already_sent', 'window_closed', 'frequency_cap', 'expired')),
    CONSTRAINT message_rejected_has_a_code CHECK (state <> 'rejected' OR code IS NOT NULL),
    CONSTRAINT message_in_flight_is_marked CHECK (state <> 'in_flight' OR marked_by IS NOT NULL AND marked_at IS NOT NULL)
) PARTITION BY RANGE (run);

CREATE TABLE message_default PARTITION OF message DEFAULT WITH (
    fillfactor = 80, autovacuum_vacuum_scale_factor = 0.05, autovacuum_analyze_scale_factor = 0.05);

CREATE INDEX message_pending ON message (shard, run, not_before, row) WHERE state = 'pending';
CREATE INDEX message_in_flight ON message (run, row) WHERE state = 'in_flight';
CREATE INDEX message_unknown ON message (run, row) WHERE state = 'unknown';
CREATE INDEX message_was_held ON message (run, row) WHERE was_held;
CREATE INDEX message_by_message_id ON message USING hash (message_id) WHERE message_id IS NOT NULL;

-- The only ways a message may go. Actors are kept apart by their queries; what no actor may do is refused here.
CREATE FUNCTION message_keeps_its_lifecycle() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT (CASE OLD.state
        WHEN 'pending' THEN
            NEW.state = 'in_flight' AND NEW.attempt = OLD.attempt + 1
            OR NEW.state IN ('skipped', 'cancelled') AND NEW.attempt = OLD.attempt
            OR NEW.state = 'accepted' AND NEW.ghost
        WHEN 'in_flight' THEN
            NEW.state IN ('pending', 'accepted', 'rejected', 'unknown', 'cancelled') AND NEW.attempt = OLD.attempt
        WHEN 'unknown' THEN
            NEW.state IN ('accepted', 'rejected', 'pending') AND NEW.attempt = OLD.attempt
        WHEN 'rejected' THEN NEW.state = 'pending' OR NEW.state = 'accepted' AND NEW.ghost
        WHEN 'accepted' THEN NEW.state = 'pending' AND OLD.delivery IN ('failed', 'dropped')
        ELSE NEW.state = 'accepted' AND NEW.ghost
    END) THEN
        RAISE EXCEPTION 'a message may not go from % to %', OLD.state, NEW.state
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'message_keeps_its_lifecycle';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER message_keeps_its_lifecycle BEFORE UPDATE OF state ON message
    FOR EACH ROW WHEN (OLD.state IS DISTINCT FROM NEW.state) EXECUTE FUNCTION message_keeps_its_lifecycle();

CREATE FUNCTION run_keeps_its_lifecycle() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT (CASE OLD.state
        WHEN 'planning' THEN NEW.state IN ('scheduled', 'running', 'cancelled')
        WHEN 'scheduled' THEN NEW.state IN ('running', 'paused', 'cancelled')
        WHEN 'running' THEN NEW.state IN ('paused', 'finished', 'cancelled')
        WHEN 'paused' THEN NEW.state IN ('running', 'cancelled')
        WHEN 'finished' THEN NEW.state = 'running'
        ELSE false
    END) THEN
        RAISE EXCEPTION 'a run may not go from % to %', OLD.state, NEW.state
            USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'run_keeps_its_lifecycle';
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER run_keeps_its_lifecycle BEFORE UPDATE OF state ON run
    FOR EACH ROW WHEN (OLD.state IS DISTINCT FROM NEW.state) EXECUTE FUNCTION run_keeps_its_lifecycle();

-- What became of an attempt before an operator ordered the next one.
CREATE TABLE attempt_history (
    run bigint NOT NULL,
    row int NOT NULL,
    attempt smallint NOT NULL,
    state send_state NOT NULL,
    delivery delivery_state NOT NULL,
    message_id text,
    code int,
    ordered_by text NOT NULL,
    why text NOT NULL,
    at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (run, row, attempt)
);

-- An audience row that never became a message.
CREATE TABLE refusal (
    run bigint NOT NULL,
    row int NOT NULL,
    reason text NOT NULL CONSTRAINT refusal_reason_is_a_known_one CHECK (reason IN (
        'invalid', 'duplicate', 'no_consent', 'restricted_country', 'us_marketing', 'budget')),
    detail text NOT NULL,
    CONSTRAINT refusal_once_per_row PRIMARY KEY (run, row)
);

-- Who may get which content. A table of its own, never an index on the ledger: it must expire, and yield to its owner.
CREATE TABLE content_claim (
    person bytea NOT NULL,
    content bytea NOT NULL,
    campaign text NOT NULL,
    run bigint NOT NULL,
    row int NOT NULL,
    until timestamptz NOT NULL,
    CONSTRAINT content_once_per_person PRIMARY KEY (person, content)
) WITH (fillfactor = 90);

CREATE TABLE suppression (
    person bytea NOT NULL,
    scope text NOT NULL DEFAULT 'all' CONSTRAINT suppression_scope_is_a_known_one CHECK (scope IN ('all', 'marketing')),
    reason text NOT NULL,
    at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (person, scope)
);

-- A template of a portfolio that waits for Meta's quality assessment.
CREATE TABLE quality_gate (
    portfolio text NOT NULL,
    template text NOT NULL,
    run bigint NOT NULL,
    since timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (portfolio, template)
);

-- What a webhook said, byte for byte, before anything was made of it.
CREATE TABLE webhook (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    received_at timestamptz NOT NULL DEFAULT now(),
    body bytea NOT NULL,
    parsed_at timestamptz,
    quarantined text
);
CREATE INDEX webhook_unparsed ON webhook (id) WHERE parsed_at IS NULL;

-- One thing a webhook said about one message ID. Delivery is the fold over these.
CREATE TABLE fact (
    message_id text NOT NULL,
    status text NOT NULL,
    at timestamptz NOT NULL,
    code int NOT NULL DEFAULT 0,
    run bigint,
    row int,
    errors jsonb,
    pricing jsonb,
    conversation jsonb,
    received_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT fact_is_said_once PRIMARY KEY (message_id, status, at, code)
);
CREATE INDEX fact_unmatched ON fact (message_id) WHERE run IS NULL;
CREATE INDEX fact_unmatched_by_age ON fact (received_at) WHERE run IS NULL;

CREATE TABLE event (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at timestamptz NOT NULL DEFAULT now(),
    name text NOT NULL,
    run bigint,
    shard text,
    detail jsonb NOT NULL DEFAULT '{}'
);
CREATE INDEX event_of_run ON event (run, id);

-- What one shard did in one interval for one run, and where the rest of its ceiling went.
CREATE TABLE shard_interval (
    shard text NOT NULL,
    run bigint NOT NULL,
    process bigint NOT NULL,
    started_at timestamptz NOT NULL,
    seconds double precision NOT NULL,
    ceiling double precision,
    used double precision NOT NULL,
    departed int NOT NULL,
    worst_second int NOT NULL,
    accepted int NOT NULL,
    held int NOT NULL,
    not_now int NOT NULL,
    rejected int NOT NULL,
    unknown int NOT NULL,
    in_flight int NOT NULL,
    lost jsonb NOT NULL,
    post_seconds int[] NOT NULL,
    mark_seconds int[] NOT NULL,
    loop_lag double precision NOT NULL,
    PRIMARY KEY (run, shard, started_at, process)
);

-- Lists brought in by `campaign audience import`.
CREATE TABLE audience_list (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name text NOT NULL CONSTRAINT audience_list_name_is_unique UNIQUE,
    columns text[] NOT NULL,
    digest bytea NOT NULL,
    imported_at timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE audience_member (
    list bigint NOT NULL REFERENCES audience_list ON DELETE CASCADE,
    row int NOT NULL,
    person bytea NOT NULL,
    number text NOT NULL,
    variables jsonb NOT NULL,
    PRIMARY KEY (list, row),
    CONSTRAINT audience_member_once_per_list UNIQUE (list, person)
);
