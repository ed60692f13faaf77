-- Enqueues members of batch $13, of one type. Arrays and not COPY, which Postgres refuses on tables with row-level security.
-- Indexes: none read; pending_pkey, pending_claim (or pending_due) and job_pkey are appended to.
WITH input AS MATERIALIZED (
    SELECT nextval('jobs.pending_seq') AS seq, u.id, u.payload, clock_timestamp() + $3 AS run_at
    FROM unnest($1::uuid[], $12::json[]) AS u (id, payload)
), hot AS (
    INSERT INTO jobs.pending (seq, id, tenant_id, run_at, max_attempts, priority, wait, queue)
    SELECT seq, id, $2, run_at, $4, $5, CASE WHEN $3 > interval '0' THEN 1 ELSE 0 END, $6 FROM input
)
INSERT INTO jobs.job (id, seq, tenant_id, max_attempts, priority, queue, type, timeout_seconds, retention_days, blocks_lane, traceparent, payload, batch_id)
SELECT id, seq, $2, $4, $5, $6, $7, $8, $9, $10, $11, payload, $13 FROM input
