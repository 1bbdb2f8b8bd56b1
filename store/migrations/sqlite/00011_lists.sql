-- +goose Up

-- Only additions: the program of the release before runs on.

-- A tenant's deliveries are listed by their fate, however many others have.
CREATE INDEX deliveries_waiting ON deliveries (tenant, place) WHERE buried_at IS NULL;
CREATE INDEX deliveries_dead ON deliveries (tenant, place) WHERE buried_at IS NOT NULL;
