-- A job as its tenant sees it. Indexes: job_pkey, pending_pkey, finished_pkey, progress_pkey, attempts_pkey; one lookup each.
SELECT j.id, j.type, j.queue,
    CASE
        WHEN f.id IS NOT NULL THEN f.state
        WHEN p.worker IS NOT NULL THEN 'running'
        WHEN p.attempt > 0 THEN 'retrying'
        WHEN p.wait = 1 THEN 'scheduled'
        ELSE 'available'
    END,
    coalesce(g.done, 0), coalesce(g.total, 0),
    coalesce(f.attempt, p.attempt, 0)::int, j.max_attempts::int,
    j.created_at, coalesce(f.started_at, p.started_at), f.finished_at,
    f.result::text,
    coalesce(f.error, CASE WHEN f.id IS NULL AND p.attempt > 0 THEN
        (SELECT a.error FROM jobs.attempts a WHERE a.job_id = j.id ORDER BY a.attempt DESC, a.finished_at DESC LIMIT 1) END)
FROM jobs.job j
LEFT JOIN jobs.pending p ON p.seq = j.seq
LEFT JOIN jobs.finished f ON f.id = j.id
LEFT JOIN jobs.progress g ON g.job_id = j.id
WHERE j.id = $2 AND j.tenant_id = $1
