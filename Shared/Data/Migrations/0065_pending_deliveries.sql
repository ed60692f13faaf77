-- migrate: statement by statement
-- Deliveries that are still to come, by their jobs: few, whatever the table holds. Built beside running services.
DROP INDEX CONCURRENTLY IF EXISTS webhook_deliveries_pending_idx;
CREATE INDEX CONCURRENTLY webhook_deliveries_pending_idx ON webhook_deliveries (tenant_id, job_id) WHERE status = 'pending';
