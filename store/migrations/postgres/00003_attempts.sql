-- +goose Up

-- Only additions: the program of the release before runs on. It counts nothing
-- here, so a failure that it judges is one that nobody counts.

-- Attempts to prove that failed in a row, by a digest of the name that was
-- claimed: one row for the name, whose client is empty, and one for each client.
-- Times are in microseconds since 1970; 0 is never.
CREATE TABLE attempts (
    account  text COLLATE "C" NOT NULL,
    client   text COLLATE "C" NOT NULL,
    failures integer NOT NULL,
    last     bigint NOT NULL,
    proven   bigint NOT NULL,
    PRIMARY KEY (account, client)
);
CREATE INDEX attempts_last ON attempts (last);
