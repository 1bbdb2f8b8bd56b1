-- +goose NO TRANSACTION
-- +goose Up

-- Only additions: the program of the release before runs on, and what it records
-- is sealed later. A run that was cut off is taken up again.

-- The number of the seal that an event lies under; NULL until it is sealed. Whoever
-- holds events for long makes this fail instead of making every client wait behind it.
SET lock_timeout = '5s';
ALTER TABLE events ADD COLUMN IF NOT EXISTS batch bigint;
RESET lock_timeout;

-- Digests and times are the texts that are digested.
CREATE TABLE IF NOT EXISTS seals (
    seq       bigint PRIMARY KEY,
    prev      text NOT NULL,
    rows      bigint NOT NULL,
    first     text NOT NULL,
    last      text COLLATE "C" NOT NULL,
    sealed_at text NOT NULL,
    root      text NOT NULL,
    digest    text NOT NULL,
    mac       text NOT NULL,
    leaves    bytea NOT NULL,
    pruned    text NOT NULL
);
CREATE INDEX IF NOT EXISTS seals_kept ON seals (last) WHERE pruned = '';

-- One row: the last seal. Whoever seals moves it, so that one does at a time.
CREATE TABLE IF NOT EXISTS seal_head (
    id     integer PRIMARY KEY CHECK (id = 1),
    seq    bigint NOT NULL,
    digest text NOT NULL
);
INSERT INTO seal_head (id, seq, digest)
VALUES (1, 0, '0000000000000000000000000000000000000000000000000000000000000000')
ON CONFLICT DO NOTHING;

DROP INDEX CONCURRENTLY IF EXISTS events_unsealed;
CREATE INDEX CONCURRENTLY events_unsealed ON events (at, tenant, id) WHERE batch IS NULL;
DROP INDEX CONCURRENTLY IF EXISTS events_batch;
CREATE INDEX CONCURRENTLY events_batch ON events (batch, tenant, id) WHERE batch IS NOT NULL;
-- What happened to one account.
DROP INDEX CONCURRENTLY IF EXISTS events_account_at;
CREATE INDEX CONCURRENTLY events_account_at ON events (account_id, at) WHERE account_id <> '';
