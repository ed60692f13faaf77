-- Enqueues one job: its hot row and its record, in one statement on the caller's connection.
-- Indexes: none read; pending_pkey, pending_claim (or pending_due) and job_pkey are appended to.
WITH hot AS (
    INSERT INTO jobs.pending (id, tenant_id, run_at, max_attempts, priority, wait, queue)
    VALUES ($1, $2, clock_timestamp() + $3, $4, $5, CASE WHEN $3 > interval '0' THEN 1 ELSE 0 END, $6)
    RETURNING seq
)
INSERT INTO jobs.job (id, seq, tenant_id, max_attempts, priority, queue, type, timeout_seconds, retention_days, blocks_lane, traceparent, payload)
SELECT $1, seq, $2, $4, $5, $6, $7, $8, $9, $10, $11, $12 FROM hot
