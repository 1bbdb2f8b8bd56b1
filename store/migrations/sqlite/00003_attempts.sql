-- +goose Up

-- Only additions: the program of the release before runs on.

-- Attempts to prove that failed in a row, by a digest of the name that was
-- claimed: one row for the name, whose client is empty, and one for each client.
-- Times are in microseconds since 1970; 0 is never.
CREATE TABLE attempts (
    account  text NOT NULL,
    client   text NOT NULL,
    failures integer NOT NULL,
    last     integer NOT NULL,
    proven   integer NOT NULL,
    PRIMARY KEY (account, client)
) WITHOUT ROWID;
CREATE INDEX attempts_last ON attempts (last);
