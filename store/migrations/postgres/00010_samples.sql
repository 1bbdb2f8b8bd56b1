-- +goose Up

-- Only additions: the program of the release before runs on.

-- What each replica has seen of each minute, for a day. at is when the minute began
-- by the replica's clock, in microseconds since 1970; facts are numbers in one
-- order, and dialects.
CREATE TABLE samples (
    at      bigint NOT NULL,
    replica text COLLATE "C" NOT NULL,
    facts   text NOT NULL,
    PRIMARY KEY (at, replica)
);
