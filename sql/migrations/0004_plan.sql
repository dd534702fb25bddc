-- What a plan decides: when each message may leave, in which step of the ramp and which variant, and what it promises.

-- variant and step count from 0; zone: which of the run's windows the message goes by, NULL where any time will do;
-- region: of the number, as in FR; charged_as: the category WhatsApp charges it as, '' if it is free, NULL until it says.
ALTER TABLE message
    ADD COLUMN variant smallint NOT NULL DEFAULT 0,
    ADD COLUMN step smallint NOT NULL DEFAULT 0,
    ADD COLUMN zone smallint,
    ADD COLUMN region text NOT NULL DEFAULT '',
    ADD COLUMN charged_as text;

-- templates: of each variant, in order; until: nothing leaves after; step: the ramp's present one, whose shares are in ramp;
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

-- What waits for its step of the ramp is pending and not before 'infinity'; it falls due when the step is opened.
CREATE INDEX message_unreleased ON message (run, step, row) WHERE state = 'pending' AND not_before = 'infinity';

-- What a run sends, a row for each variant. language: in small letters, with underscores; with a brace where the run
-- leaves it open, or works it out from a person's values.
CREATE VIEW run_template AS
SELECT r.id AS run, r.portfolio, (t.nth - 1)::smallint AS variant, t.template,
       lower(replace(coalesce(coalesce(r.definition #> ARRAY['variants', (t.nth - 1)::text], r.definition)
                              #>> '{message,template,language,code}', '{'), '-', '_')) AS language
  FROM run AS r, unnest(r.templates) WITH ORDINALITY AS t (template, nth);

-- When messages of a zone may leave: opens_at up to, but not including, closes_at.
CREATE TABLE run_window (
    run bigint NOT NULL,
    zone smallint NOT NULL,
    opens_at timestamptz NOT NULL,
    closes_at timestamptz NOT NULL,
    CONSTRAINT run_window_opens_once PRIMARY KEY (run, zone, opens_at),
    CONSTRAINT run_window_is_not_empty CHECK (opens_at < closes_at)
);

-- How many people a portfolio may write to in a moving window (span); NULL is unlimited. A person counts for a little
-- longer: WhatsApp may take a message as long after its mark as a POST lasts.
-- used: no fewer than are counted and out on lease, so that a lease need not count; NULL where that must be counted anew.
-- uncounted: it was not limited before, and whom it wrote to then must be counted first.
-- full_until: nothing was left when somebody last asked, and the first person falls out of the window then.
CREATE TABLE portfolio (
    portfolio text PRIMARY KEY,
    people int CONSTRAINT portfolio_people_is_not_negative CHECK (people >= 0),
    span interval NOT NULL DEFAULT '24 hours',
    counts_for interval NOT NULL GENERATED ALWAYS AS (span + least(interval '65 s', interval '5 s' + span / 10)) STORED,
    used int,
    uncounted boolean NOT NULL DEFAULT false,
    full_until timestamptz,
    source text NOT NULL CONSTRAINT portfolio_source_is_a_known_one CHECK (source IN ('settings', 'whatsapp', 'default')),
    changed_at timestamptz NOT NULL DEFAULT now()
) WITH (fillfactor = 50);

-- counted_at: when the claim's message was last marked, if its portfolio is limited: that person counts from then on. Here,
-- because a mark writes this row anyway: a table of its own made marks a sixth dearer. The index costs a mark nothing; it
-- finds the newest part of the table, which is in the order of time but for content that is sent again.
ALTER TABLE content_claim ADD COLUMN counted_at timestamptz;
CREATE INDEX content_claim_by_time ON content_claim USING brin (counted_at) WITH (pages_per_range = 32);

-- Of runs that claim no content: counted under run and row.
CREATE INDEX content_claim_of_nothing ON content_claim (until) WHERE octet_length(content) = 12;

-- allowance: how many more people this shard may count for the portfolio allowance_of, on lease from it; allowance_at:
-- when it last leased or counted anybody. What lies idle goes back.
ALTER TABLE shard
    ADD COLUMN allowance int NOT NULL DEFAULT 0 CONSTRAINT shard_allowance_is_not_overdrawn CHECK (allowance >= 0),
    ADD COLUMN allowance_of text,
    ADD COLUMN allowance_at timestamptz;
