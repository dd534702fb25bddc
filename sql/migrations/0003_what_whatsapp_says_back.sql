-- What WhatsApp says back: opt-outs, what people wrote, news of the account, and what a resend must know.

-- was_unknown: nobody could tell once; how many of those turned out accepted tells what a resend risks.
ALTER TABLE message ADD COLUMN was_unknown boolean NOT NULL DEFAULT false;
UPDATE message SET was_unknown = true WHERE state = 'unknown';
CREATE INDEX message_was_unknown ON message (run, row) WHERE was_unknown;

-- taken_before: WhatsApp took, or may have taken, an attempt that an operator ordered again. Whatever becomes of the next
-- one, the person may have that content, so it stays claimed. A column, because only what is locked is read as it is now.
ALTER TABLE message ADD COLUMN taken_before boolean NOT NULL DEFAULT false;

-- inherited: another run of the same campaign had claimed it, and may have sent it. Whatever becomes of this row's message,
-- the claim stays.
ALTER TABLE content_claim ADD COLUMN inherited boolean NOT NULL DEFAULT false;

-- Whoever finishes a run judged it by a snapshot, and then waited for whoever held its row: an order to send again, or a
-- late answer, may have put messages back in line meanwhile. A trigger sees them; the run then goes on.
CREATE FUNCTION run_with_work_goes_on() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM unnest(NEW.shards) AS s (id), LATERAL (
                   SELECT FROM message AS m
                    WHERE m.state = 'pending' AND m.shard = s.id AND m.run = NEW.id LIMIT 1) AS p)
       OR EXISTS (SELECT FROM message AS m WHERE m.state = 'in_flight' AND m.run = NEW.id) THEN
        RETURN NULL;
    END IF;
    RETURN NEW;
END
$$;
CREATE TRIGGER run_with_work_goes_on BEFORE UPDATE OF state ON run
    FOR EACH ROW WHEN (OLD.state = 'running' AND NEW.state = 'finished') EXECUTE FUNCTION run_with_work_goes_on();

-- An operator may know of an acceptance whose message ID nobody kept, and a person may have theirs erased.
ALTER TABLE message DROP CONSTRAINT message_accepted_has_an_id;
ALTER TABLE message ADD CONSTRAINT message_accepted_has_an_id CHECK (
    state <> 'accepted' OR message_id IS NOT NULL OR coalesce(reason IN ('settled', 'erased'), false));

-- Several may have said it, and one taking it back leaves the others. erased: whoever asked to be forgotten.
ALTER TABLE suppression
    ADD COLUMN source text NOT NULL DEFAULT 'whatsapp' CONSTRAINT suppression_source_is_a_known_one CHECK (source IN (
        'whatsapp', 'stop_word', 'preference', 'command', 'import', 'erased'));
ALTER TABLE suppression DROP CONSTRAINT suppression_pkey;
ALTER TABLE suppression ADD CONSTRAINT suppression_once_per_source PRIMARY KEY (person, scope, source);
CREATE INDEX suppression_erased ON suppression (person) WHERE source = 'erased';

-- What people last chose in WhatsApp about marketing; the newest choice counts, whatever order webhooks come in.
CREATE TABLE preference (
    person bytea PRIMARY KEY,
    stopped boolean NOT NULL,
    at timestamptz NOT NULL
);

-- What people wrote to a number of ours; webhook is the raw body it came in.
CREATE TABLE inbound_message (
    message_id text PRIMARY KEY,
    webhook bigint,
    person bytea,
    address text NOT NULL,
    at timestamptz NOT NULL,
    kind text NOT NULL,
    content jsonb,
    received_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX inbound_message_of_person ON inbound_message (person, at);
CREATE INDEX inbound_message_by_age ON inbound_message (received_at);

-- What WhatsApp said of templates, numbers and the account; digest: the same said twice is one event. ours: it is about
-- the account of the settings.
CREATE TABLE account_event (
    digest bytea PRIMARY KEY,
    field text NOT NULL,
    event text NOT NULL,
    subject text,
    language text,
    account text,
    ours boolean NOT NULL DEFAULT true,
    said_at timestamptz,
    detail jsonb NOT NULL DEFAULT '{}',
    received_at timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX account_event_by_age ON account_event (received_at);

-- What should not happen at all; so few that this index is empty as a rule.
CREATE INDEX message_odd ON message (run, row) WHERE ghost OR multi_id OR conflict;

-- display: the digits people dial; some webhooks name a number by nothing else.
ALTER TABLE shard ADD COLUMN display text;

-- Whom a refused row meant, where its number could be read: so that somebody can be told why nothing came.
ALTER TABLE refusal ADD COLUMN person bytea;
CREATE INDEX refusal_of_person ON refusal (person) WHERE person IS NOT NULL;

CREATE INDEX webhook_by_age ON webhook (received_at);
CREATE INDEX webhook_quarantined ON webhook (received_at) WHERE quarantined IS NOT NULL;

-- What is said of an attempt that an operator ordered again still finds its message.
CREATE INDEX attempt_history_by_message_id ON attempt_history (message_id) WHERE message_id IS NOT NULL;
