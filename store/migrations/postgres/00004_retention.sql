-- +goose NO TRANSACTION
-- +goose Up

-- What is pruned is found by its age. The indexes are made while others write,
-- which takes no lock that anybody waits for; what a run that was cut off has left
-- is made anew.
DROP INDEX CONCURRENTLY IF EXISTS events_at;
CREATE INDEX CONCURRENTLY events_at ON events (at);
DROP INDEX CONCURRENTLY IF EXISTS reset_tokens_expiry;
CREATE INDEX CONCURRENTLY reset_tokens_expiry ON reset_tokens (expires_at);
DROP INDEX CONCURRENTLY IF EXISTS codes_expiry;
CREATE INDEX CONCURRENTLY codes_expiry ON codes (expires_at);
DROP INDEX CONCURRENTLY IF EXISTS outbox_buried;
CREATE INDEX CONCURRENTLY outbox_buried ON outbox (buried_at) WHERE buried_at IS NOT NULL;
