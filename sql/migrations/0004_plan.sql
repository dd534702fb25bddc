-- What a plan decides: when each message may leave, in which step of the ramp and which variant, and what it promises.

-- variant and step count from 0; zone: which of the run's windows the message goes by, NULL where any time will do;
-- region: of the number, as in FR.
ALTER TABLE message
    ADD COLUMN variant smallint NOT NULL DEFAULT 0,
    ADD COLUMN step smallint NOT NULL DEFAULT 0,
    ADD COLUMN zone smallint,
    ADD COLUMN region text NOT NULL DEFAULT '';

-- templates: of every variant; until: nothing leaves after; step: the ramp's present one, whose shares are in ramp;
-- judged_from: what was sent before does not count against the run any more; outlook: what the plan foresaw.
ALTER TABLE run
    ADD COLUMN templates text[] NOT NULL DEFAULT '{}',
    ADD COLUMN until timestamptz,
    ADD COLUMN step smallint NOT NULL DEFAULT 0,
    ADD COLUMN ramp double precision[] NOT NULL DEFAULT '{}',
    ADD COLUMN stop_if jsonb,
    ADD COLUMN judged_from timestamptz,
    ADD COLUMN frequency_at_most int CONSTRAINT run_frequency_is_at_least_one CHECK (frequency_at_most > 0),
    ADD COLUMN frequency_per interval,
    ADD COLUMN when_limited text NOT NULL DEFAULT 'wait'
        CONSTRAINT run_when_limited_is_a_known_policy CHECK (when_limited IN ('wait', 'pause')),
    ADD COLUMN outlook jsonb NOT NULL DEFAULT '{}';
UPDATE run SET templates = ARRAY[template];

-- When messages of a zone may leave: opens_at up to, but not including, closes_at.
CREATE TABLE run_window (
    run bigint NOT NULL,
    zone smallint NOT NULL,
    opens_at timestamptz NOT NULL,
    closes_at timestamptz NOT NULL,
    CONSTRAINT run_window_opens_once PRIMARY KEY (run, zone, opens_at),
    CONSTRAINT run_window_is_not_empty CHECK (opens_at < closes_at)
);

-- How many people a portfolio may write to in a moving window; NULL is unlimited.
CREATE TABLE portfolio (
    portfolio text PRIMARY KEY,
    people int CONSTRAINT portfolio_people_is_not_negative CHECK (people >= 0),
    span interval NOT NULL DEFAULT '24 hours',
    source text NOT NULL CONSTRAINT portfolio_source_is_a_known_one CHECK (source IN ('settings', 'whatsapp', 'default')),
    changed_at timestamptz NOT NULL DEFAULT now()
);

-- Whom a portfolio wrote to, and when last; run and row: the message that counted them. shared: another one relied on
-- it, so that its refusal gives nothing back.
CREATE TABLE portfolio_person (
    portfolio text NOT NULL,
    person bytea NOT NULL,
    counted_at timestamptz NOT NULL,
    run bigint NOT NULL,
    row int NOT NULL,
    shared boolean NOT NULL DEFAULT false,
    CONSTRAINT portfolio_person_is_counted_once PRIMARY KEY (portfolio, person)
) WITH (fillfactor = 80);
CREATE INDEX portfolio_person_by_time ON portfolio_person (portfolio, counted_at);

-- allowance: how many more people this shard may count for the portfolio allowance_of, on lease from it.
ALTER TABLE shard
    ADD COLUMN allowance int NOT NULL DEFAULT 0 CONSTRAINT shard_allowance_is_not_overdrawn CHECK (allowance >= 0),
    ADD COLUMN allowance_of text;
