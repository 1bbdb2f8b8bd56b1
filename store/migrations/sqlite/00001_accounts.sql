-- +goose Up

-- SQLite compares text byte by byte. Times are text in UTC, which sorts by
-- age. Foreign keys carry the tenant: no row can point across the wall.

CREATE TABLE accounts (
    id                  text NOT NULL PRIMARY KEY,
    tenant              text NOT NULL,
    username            text NOT NULL,
    email               text NOT NULL,
    name                text NOT NULL,
    disabled            boolean NOT NULL,
    verifier            text NOT NULL,
    history_salt        blob,
    revision            integer NOT NULL,
    password_changed_at timestamp,
    tokens_valid_after  timestamp,
    created_at          timestamp NOT NULL,
    UNIQUE (tenant, id)
);

-- One row for each key of an account: folded login names, external ids as they are.
CREATE TABLE identifiers (
    tenant     text NOT NULL,
    kind       text NOT NULL,
    value      text NOT NULL,
    account_id text NOT NULL,
    PRIMARY KEY (tenant, kind, value),
    FOREIGN KEY (tenant, account_id) REFERENCES accounts (tenant, id)
) WITHOUT ROWID;
CREATE INDEX identifiers_account ON identifiers (tenant, account_id);

-- position grows with every entry of an account.
CREATE TABLE history (
    tenant     text NOT NULL,
    account_id text NOT NULL,
    position   integer NOT NULL,
    hash       text NOT NULL,
    set_at     timestamp NOT NULL,
    PRIMARY KEY (tenant, account_id, position),
    FOREIGN KEY (tenant, account_id) REFERENCES accounts (tenant, id)
) WITHOUT ROWID;

CREATE TABLE reset_tokens (
    digest        blob PRIMARY KEY,
    tenant        text NOT NULL,
    account_id    text NOT NULL,
    issued_by     text NOT NULL,
    issued_at     timestamp NOT NULL,
    expires_at    timestamp NOT NULL,
    used_at       timestamp,
    superseded_at timestamp,
    FOREIGN KEY (tenant, account_id) REFERENCES accounts (tenant, id)
) WITHOUT ROWID;
CREATE INDEX reset_tokens_account ON reset_tokens (tenant, account_id, expires_at)
    WHERE used_at IS NULL AND superseded_at IS NULL;

-- The audit trail outlives accounts: no foreign key.
CREATE TABLE events (
    tenant     text NOT NULL,
    id         text NOT NULL,
    at         timestamp NOT NULL,
    account_id text NOT NULL,
    action     text NOT NULL,
    proof      text NOT NULL,
    outcome    text NOT NULL,
    actor      text NOT NULL,
    dialect    text NOT NULL,
    addr       text NOT NULL,
    request_id text NOT NULL,
    PRIMARY KEY (tenant, id)
) WITHOUT ROWID;

-- One row, written to prove that writes are possible.
CREATE TABLE pulse (
    id    integer PRIMARY KEY CHECK (id = 1),
    beats integer NOT NULL
);
INSERT INTO pulse (id, beats) VALUES (1, 0);
