-- Asks for the cancellation of an unfinished job; the engine acts on it. Indexes: job_pkey, pending_pkey, cancellations_pkey.
INSERT INTO jobs.cancellations (job_id, tenant_id)
SELECT j.id, j.tenant_id
FROM jobs.job j JOIN jobs.pending p ON p.seq = j.seq
WHERE j.id = $2 AND j.tenant_id = $1
ON CONFLICT (job_id) DO NOTHING
