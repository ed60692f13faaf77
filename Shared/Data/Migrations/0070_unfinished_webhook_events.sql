-- migrate: statement by statement
-- What of a source's calls still waits or has failed, and an endpoint's last success: whatever else the tables hold. Built beside
-- running services.
DROP INDEX CONCURRENTLY IF EXISTS webhook_events_unfinished_idx;
CREATE INDEX CONCURRENTLY webhook_events_unfinished_idx ON webhook_events (tenant_id, source_id, status, received_at)
    WHERE status IN ('received', 'failed');
DROP INDEX CONCURRENTLY IF EXISTS webhook_deliveries_delivered_idx;
CREATE INDEX CONCURRENTLY webhook_deliveries_delivered_idx ON webhook_deliveries (tenant_id, endpoint_id, finished_at)
    WHERE status = 'delivered';
