-- +goose Up

-- Only additions: the program of the release before runs on, and what it records
-- is sealed later.

-- The number of the seal that an event lies under; NULL until it is sealed.
ALTER TABLE events ADD COLUMN batch integer;

-- Digests and times are the texts that are digested.
CREATE TABLE seals (
    seq       integer NOT NULL PRIMARY KEY,
    prev      text NOT NULL,
    rows      integer NOT NULL,
    first     text NOT NULL,
    last      text NOT NULL,
    sealed_at text NOT NULL,
    root      text NOT NULL,
    digest    text NOT NULL,
    mac       text NOT NULL,
    leaves    blob NOT NULL,
    pruned    text NOT NULL
);
CREATE INDEX seals_kept ON seals (last) WHERE pruned = '';

-- One row: the last seal. Whoever seals moves it, so that one does at a time.
CREATE TABLE seal_head (
    id     integer PRIMARY KEY CHECK (id = 1),
    seq    integer NOT NULL,
    digest text NOT NULL
);
INSERT INTO seal_head (id, seq, digest)
VALUES (1, 0, '0000000000000000000000000000000000000000000000000000000000000000');

CREATE INDEX events_unsealed ON events (at, tenant, id) WHERE batch IS NULL;
CREATE INDEX events_batch ON events (batch, tenant, id) WHERE batch IS NOT NULL;
-- What happened to one account.
CREATE INDEX events_account_at ON events (account_id, at) WHERE account_id <> '';
