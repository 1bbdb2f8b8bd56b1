-- +goose Up

-- Only additions: the program of the release before runs on, and what it revokes
-- opens no session, whose rows then stay until they expire.

-- Operators' sessions, by the SHA-256 of their tokens. What is sealed is the access
-- key, under a key that is made of the token.
CREATE TABLE sessions (
    digest       bytea PRIMARY KEY,
    tenant       text COLLATE "C" NOT NULL,
    key          text COLLATE "C" NOT NULL,
    key_digest   bytea NOT NULL,
    sealed       text NOT NULL,
    started_at   timestamptz NOT NULL,
    seen_at      timestamptz NOT NULL,
    confirmed_at timestamptz,
    expires_at   timestamptz NOT NULL
);
CREATE INDEX sessions_key ON sessions (tenant, key);
CREATE INDEX sessions_expires ON sessions (expires_at);
