-- Enqueues one job in a transaction of its own: as enqueue.sql, and sets the tenant it is checked against on the way.
-- Indexes: none read; pending_pkey, pending_claim (or pending_due) and job_pkey are appended to.
WITH hot AS (
    INSERT INTO jobs.pending (id, tenant_id, run_at, max_attempts, priority, wait, queue)
    SELECT $1, $2, clock_timestamp() + $3, $4, $5, CASE WHEN $3 > interval '0' THEN 1 ELSE 0 END, $6
    FROM (SELECT set_config('app.tenant_id', $2::text, true) OFFSET 0) AS tenant (id)
    WHERE tenant.id <> ''
    RETURNING seq
)
INSERT INTO jobs.job (id, seq, tenant_id, max_attempts, priority, queue, type, timeout_seconds, retention_days, blocks_lane, traceparent, payload)
SELECT $1, seq, $2, $4, $5, $6, $7, $8, $9, $10, $11, $12 FROM hot
