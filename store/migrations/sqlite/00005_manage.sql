-- +goose Up

-- Only additions: the program of the release before runs on.

-- The credentials of programs that manage a tenant. Of the secret there is only
-- the SHA-256. A name is never given twice, so rows stay.
CREATE TABLE access_keys (
    tenant       text NOT NULL,
    name         text NOT NULL,
    digest       blob NOT NULL UNIQUE,
    scopes       text NOT NULL,
    created_by   text NOT NULL,
    created_at   timestamp NOT NULL,
    expires_at   timestamp,
    last_used_at timestamp,
    revoked_at   timestamp,
    PRIMARY KEY (tenant, name)
) WITHOUT ROWID;

-- Requests that their clients may send again, by a keyed digest of the client's
-- key; the answer is sealed under the client's credential, and empty while the
-- request is in flight. Times are in microseconds since 1970.
CREATE TABLE replays (
    key     text NOT NULL PRIMARY KEY,
    request text NOT NULL,
    expires integer NOT NULL,
    answer  text NOT NULL
) WITHOUT ROWID;
CREATE INDEX replays_expires ON replays (expires);

-- What happened to an account.
CREATE INDEX events_account ON events (tenant, account_id, id);
