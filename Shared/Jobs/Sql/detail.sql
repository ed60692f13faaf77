-- What status.sql leaves out of a job. Indexes: job_pkey, pending_pkey, blocked_lanes_pkey; one lookup each.
SELECT j.priority::int, j.lane, j.unique_key, j.batch_id, p.run_at, j.timeout_seconds, j.traceparent, j.payload::text,
    EXISTS (SELECT FROM jobs.blocked_lanes b WHERE b.tenant_id = $1 AND b.lane = j.lane)
FROM jobs.job j LEFT JOIN jobs.pending p ON p.seq = j.seq
WHERE j.id = $2 AND j.tenant_id = $1
