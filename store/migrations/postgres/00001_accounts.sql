-- +goose Up

-- Every key is compared byte by byte (COLLATE "C"), so that the order of ids
-- is the same on every server and in every other store. Foreign keys carry
-- the tenant: no row can point across the wall.

CREATE TABLE accounts (
    id                  text COLLATE "C" PRIMARY KEY,
    tenant              text COLLATE "C" NOT NULL,
    username            text NOT NULL,
    email               text NOT NULL,
    name                text NOT NULL,
    disabled            boolean NOT NULL,
    verifier            text NOT NULL,
    history_salt        bytea,
    revision            bigint NOT NULL,
    password_changed_at timestamptz,
    tokens_valid_after  timestamptz,
    created_at          timestamptz NOT NULL,
    UNIQUE (tenant, id)
);

-- One row for each key of an account: folded login names, external ids as they are.
CREATE TABLE identifiers (
    tenant     text COLLATE "C" NOT NULL,
    kind       text COLLATE "C" NOT NULL,
    value      text COLLATE "C" NOT NULL,
    account_id text COLLATE "C" NOT NULL,
    PRIMARY KEY (tenant, kind, value),
    FOREIGN KEY (tenant, account_id) REFERENCES accounts (tenant, id)
);
CREATE INDEX identifiers_account ON identifiers (tenant, account_id);

-- position grows with every entry of an account.
CREATE TABLE history (
    tenant     text COLLATE "C" NOT NULL,
    account_id text COLLATE "C" NOT NULL,
    position   bigint NOT NULL,
    hash       text NOT NULL,
    set_at     timestamptz NOT NULL,
    PRIMARY KEY (tenant, account_id, position),
    FOREIGN KEY (tenant, account_id) REFERENCES accounts (tenant, id)
);

CREATE TABLE reset_tokens (
    digest        bytea PRIMARY KEY,
    tenant        text COLLATE "C" NOT NULL,
    account_id    text COLLATE "C" NOT NULL,
    issued_by     text NOT NULL,
    issued_at     timestamptz NOT NULL,
    expires_at    timestamptz NOT NULL,
    used_at       timestamptz,
    superseded_at timestamptz,
    FOREIGN KEY (tenant, account_id) REFERENCES accounts (tenant, id)
);
CREATE INDEX reset_tokens_account ON reset_tokens (tenant, account_id, expires_at)
    WHERE used_at IS NULL AND superseded_at IS NULL;

-- The audit trail outlives accounts: no foreign key.
CREATE TABLE events (
    tenant     text COLLATE "C" NOT NULL,
    id         text COLLATE "C" NOT NULL,
    at         timestamptz NOT NULL,
    account_id text COLLATE "C" NOT NULL,
    action     text NOT NULL,
    proof      text NOT NULL,
    outcome    text NOT NULL,
    actor      text NOT NULL,
    dialect    text NOT NULL,
    addr       text NOT NULL,
    request_id text NOT NULL,
    PRIMARY KEY (tenant, id)
);

-- One row, written to prove that writes are possible.
CREATE TABLE pulse (
    id    integer PRIMARY KEY CHECK (id = 1),
    beats bigint NOT NULL
);
INSERT INTO pulse (id, beats) VALUES (1, 0);
