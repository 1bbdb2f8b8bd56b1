-- +goose Up

-- Only additions: the program of the release before runs on.

-- A JSON object of texts. One column, because an account is read in one query.
ALTER TABLE accounts ADD COLUMN attributes text NOT NULL DEFAULT '{}';

CREATE TABLE factors (
    tenant     text NOT NULL,
    account_id text NOT NULL,
    sealed     text NOT NULL,
    last_step  integer NOT NULL,
    PRIMARY KEY (tenant, account_id),
    FOREIGN KEY (tenant, account_id) REFERENCES accounts (tenant, id)
) WITHOUT ROWID;

-- Mailed one-time codes.
CREATE TABLE codes (
    tenant     text NOT NULL,
    account_id text NOT NULL,
    purpose    text NOT NULL,
    digest     text NOT NULL,
    expires_at timestamp NOT NULL,
    tries      integer NOT NULL,
    PRIMARY KEY (tenant, account_id, purpose),
    FOREIGN KEY (tenant, account_id) REFERENCES accounts (tenant, id)
) WITHOUT ROWID;

-- Messages that are not done. What is buried stays for operators to look at.
-- Some messages are about no account: no foreign key.
CREATE TABLE outbox (
    id         text NOT NULL PRIMARY KEY,
    tenant     text NOT NULL,
    account_id text NOT NULL,
    topic      text NOT NULL,
    facts      text NOT NULL,
    due        timestamp NOT NULL,
    attempts   integer NOT NULL,
    why        text NOT NULL,
    buried_at  timestamp
) WITHOUT ROWID;
CREATE INDEX outbox_due ON outbox (due, id) WHERE buried_at IS NULL;

-- What counts against limits, by their keys: the instant at which a limit is
-- as if it had never been used, in microseconds since 1970.
CREATE TABLE throttle (
    key  text NOT NULL PRIMARY KEY,
    free integer NOT NULL
) WITHOUT ROWID;
CREATE INDEX throttle_free ON throttle (free);
