-- Stores a running job's progress, fenced; no row when the job was taken over. Indexes: pending_pkey, progress_pkey.
INSERT INTO jobs.progress (job_id, tenant_id, done, total, updated_at)
SELECT p.id, p.tenant_id, $4, $5, clock_timestamp() FROM jobs.pending p WHERE p.seq = $2 AND p.worker = $1 AND p.attempt = $3
ON CONFLICT (job_id) DO UPDATE SET done = excluded.done, total = excluded.total, updated_at = excluded.updated_at
