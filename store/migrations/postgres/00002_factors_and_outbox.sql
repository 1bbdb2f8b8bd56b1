-- +goose Up

-- Only additions: the program of the release before runs on. Whoever holds
-- accounts for long, such as a dump, makes this fail instead of making every
-- client wait behind it.
SET LOCAL lock_timeout = '5s';

-- A JSON object of texts. One column, because an account is read in one query.
ALTER TABLE accounts ADD COLUMN attributes text NOT NULL DEFAULT '{}';

CREATE TABLE factors (
    tenant     text COLLATE "C" NOT NULL,
    account_id text COLLATE "C" NOT NULL,
    sealed     text NOT NULL,
    last_step  bigint NOT NULL,
    PRIMARY KEY (tenant, account_id),
    FOREIGN KEY (tenant, account_id) REFERENCES accounts (tenant, id)
);

-- Mailed one-time codes.
CREATE TABLE codes (
    tenant     text COLLATE "C" NOT NULL,
    account_id text COLLATE "C" NOT NULL,
    purpose    text COLLATE "C" NOT NULL,
    digest     text COLLATE "C" NOT NULL,
    expires_at timestamptz NOT NULL,
    tries      integer NOT NULL,
    PRIMARY KEY (tenant, account_id, purpose),
    FOREIGN KEY (tenant, account_id) REFERENCES accounts (tenant, id)
);

-- Messages that are not done. What is buried stays for operators to look at.
-- Some messages are about no account: no foreign key.
CREATE TABLE outbox (
    id         text COLLATE "C" PRIMARY KEY,
    tenant     text COLLATE "C" NOT NULL,
    account_id text COLLATE "C" NOT NULL,
    topic      text NOT NULL,
    facts      text NOT NULL,
    due        timestamptz NOT NULL,
    attempts   integer NOT NULL,
    why        text NOT NULL,
    buried_at  timestamptz
);
CREATE INDEX outbox_due ON outbox (due, id) WHERE buried_at IS NULL;

-- What counts against limits, by their keys: the instant at which a limit is
-- as if it had never been used, in microseconds since 1970.
CREATE TABLE throttle (
    key  text COLLATE "C" PRIMARY KEY,
    free bigint NOT NULL
);
CREATE INDEX throttle_free ON throttle (free);
