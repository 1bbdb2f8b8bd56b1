-- +goose Up

-- Only additions: the program of the release before runs on, and what it revokes
-- opens no session, whose rows then stay until they expire.

-- Operators' sessions, by the SHA-256 of their tokens. What is sealed is the access
-- key, under a key that is made of the token.
CREATE TABLE sessions (
    digest       blob NOT NULL PRIMARY KEY,
    tenant       text NOT NULL,
    key          text NOT NULL,
    key_digest   blob NOT NULL,
    sealed       text NOT NULL,
    started_at   timestamp NOT NULL,
    seen_at      timestamp NOT NULL,
    confirmed_at timestamp,
    expires_at   timestamp NOT NULL
) WITHOUT ROWID;
CREATE INDEX sessions_key ON sessions (tenant, key);
CREATE INDEX sessions_expires ON sessions (expires_at);
