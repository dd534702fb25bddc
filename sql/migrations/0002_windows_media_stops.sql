-- Who may be answered freely, files that messages carry, numbers that stand still, and waits of a day.

-- The address is what the platform calls the sending number: of the Cloud API its id, On-Premises the client's.
-- stopped_code: the platform refuses this number for good; nothing is sent over it until a command says so.
ALTER TABLE shard
    ADD COLUMN address text,
    ADD COLUMN stopped_code int,
    ADD COLUMN stopped_at timestamptz;

-- free_form: what it sends needs an open customer service window.
ALTER TABLE run ADD COLUMN free_form boolean NOT NULL DEFAULT false;

-- How often WhatsApp put this message off to another day.
ALTER TABLE message ADD COLUMN day_waits smallint NOT NULL DEFAULT 0;

-- Until when a person may be written to without a template, by the number they wrote to.
CREATE TABLE customer_window (
    person bytea NOT NULL,
    address text NOT NULL,
    until timestamptz NOT NULL,
    CONSTRAINT customer_window_once_per_person_and_number PRIMARY KEY (person, address)
);

-- How many messages a number received in a minute: they count against its throughput.
CREATE TABLE inbound_minute (
    address text NOT NULL,
    minute timestamptz NOT NULL,
    messages int NOT NULL,
    CONSTRAINT inbound_minute_is_counted_once PRIMARY KEY (address, minute)
);

-- Files that messages carry, by what they contain, so that any process can upload them.
CREATE TABLE media_file (
    sha256 bytea PRIMARY KEY,
    mime text NOT NULL,
    name text NOT NULL,
    bytes bytea NOT NULL,
    stored_at timestamptz NOT NULL DEFAULT now()
);

-- What the platform calls a file of ours; an id serves one sending number, for so long. One process at a time uploads.
CREATE TABLE media_upload (
    address text NOT NULL,
    sha256 bytea NOT NULL,
    media_id text,
    expires_at timestamptz,
    claimed_until timestamptz,
    CONSTRAINT media_upload_once_per_number PRIMARY KEY (address, sha256)
);
