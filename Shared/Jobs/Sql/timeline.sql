-- A job's attempts, the latest 200, newest first: those that failed, the one under way, the one that ended it well.
-- Indexes: attempts_pkey, job_pkey with pending_pkey, finished_pkey.
SELECT a.attempt::int, 'failed', a.started_at, a.finished_at AS ended, a.worker, a.error, a.detail
FROM jobs.attempts a WHERE a.job_id = $2 AND a.tenant_id = $1
UNION ALL
SELECT p.attempt::int, 'running', p.started_at, NULL, p.worker, NULL, NULL
FROM jobs.job j JOIN jobs.pending p ON p.seq = j.seq WHERE j.id = $2 AND j.tenant_id = $1 AND p.worker IS NOT NULL
UNION ALL
SELECT f.attempt::int, f.state, f.started_at, f.finished_at, f.worker, NULL, NULL
FROM jobs.finished f WHERE f.id = $2 AND f.tenant_id = $1 AND f.attempt > 0 AND f.state IN ('succeeded', 'cancelled')
ORDER BY ended DESC NULLS FIRST LIMIT 200
