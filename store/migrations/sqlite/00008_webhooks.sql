-- +goose Up

-- Only additions: the program of the release before runs on. It claims whatever
-- lies in the outbox, so what it could not do has a table of its own.

-- Deliveries that are not done, one for each endpoint. place is the order in which
-- they were stored. held says that somebody has claimed it until it is due. since is
-- when it was stored, or retried.
CREATE TABLE deliveries (
    place      integer PRIMARY KEY AUTOINCREMENT,
    id         text NOT NULL UNIQUE,
    endpoint   text NOT NULL,
    tenant     text NOT NULL,
    account_id text NOT NULL,
    topic      text NOT NULL,
    facts      text NOT NULL,
    due        timestamp NOT NULL,
    since      timestamp NOT NULL,
    attempts   integer NOT NULL,
    held       boolean NOT NULL,
    why        text NOT NULL,
    buried_at  timestamp
);
CREATE INDEX deliveries_due ON deliveries (endpoint, due, place) WHERE buried_at IS NULL;
CREATE INDEX deliveries_account ON deliveries (endpoint, tenant, account_id, place) WHERE buried_at IS NULL;
CREATE INDEX deliveries_since ON deliveries (since);
