-- +goose Up

-- What is pruned is found by its age.
CREATE INDEX events_at ON events (at);
CREATE INDEX reset_tokens_expiry ON reset_tokens (expires_at);
CREATE INDEX codes_expiry ON codes (expires_at);
CREATE INDEX outbox_buried ON outbox (buried_at) WHERE buried_at IS NOT NULL;
