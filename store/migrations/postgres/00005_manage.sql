-- +goose NO TRANSACTION
-- +goose Up

-- Only additions: the program of the release before runs on. Whatever a run that
-- was cut off has left is kept or made anew.

-- The credentials of programs that manage a tenant. Of the secret there is only
-- the SHA-256. A name is never given twice, so rows stay.
CREATE TABLE IF NOT EXISTS access_keys (
    tenant       text COLLATE "C" NOT NULL,
    name         text COLLATE "C" NOT NULL,
    digest       bytea NOT NULL UNIQUE,
    scopes       text NOT NULL,
    created_by   text NOT NULL,
    created_at   timestamptz NOT NULL,
    expires_at   timestamptz,
    last_used_at timestamptz,
    revoked_at   timestamptz,
    PRIMARY KEY (tenant, name)
);

-- Requests that their clients may send again, by a keyed digest of the client's
-- key; the answer is sealed under the client's credential, and empty while the
-- request is in flight. Times are in microseconds since 1970.
CREATE TABLE IF NOT EXISTS replays (
    key     text COLLATE "C" PRIMARY KEY,
    request text NOT NULL,
    expires bigint NOT NULL,
    answer  text NOT NULL
);
DROP INDEX CONCURRENTLY IF EXISTS replays_expires;
CREATE INDEX CONCURRENTLY replays_expires ON replays (expires);

-- What happened to an account.
DROP INDEX CONCURRENTLY IF EXISTS events_account;
CREATE INDEX CONCURRENTLY events_account ON events (tenant, account_id, id);
