-- Asks for the cancellation of every unfinished member; the completing job still runs. Indexes: batches_pkey, job_batch, pending_pkey.
WITH marked AS (
    UPDATE jobs.batches SET cancelled_at = coalesce(cancelled_at, clock_timestamp())
    WHERE tenant_id = $1 AND id = $2 AND open > 0 RETURNING id
)
INSERT INTO jobs.cancellations (job_id, tenant_id)
SELECT j.id, j.tenant_id
FROM marked m JOIN jobs.job j ON j.batch_id = m.id JOIN jobs.pending p ON p.seq = j.seq
WHERE j.tenant_id = $1
ON CONFLICT (job_id) DO NOTHING
