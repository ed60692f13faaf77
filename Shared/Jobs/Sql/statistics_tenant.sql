-- What became of a tenant's jobs in a window that ends now, by queue, and by sample. $1 tenant, $2 window, $3 length of a sample,
-- $4 one queue or null for all, $5 the least id to look at, $6 at most so many jobs are looked at, the newest. The first row, without
-- a queue, says in "edge" where it stopped when there were more.
-- Indexes: job_tenant backwards, then finished_pkey for each.
WITH looked AS MATERIALIZED (
    SELECT j.id, j.queue FROM jobs.job j WHERE j.tenant_id = $1 AND j.id >= $5 ORDER BY j.id DESC LIMIT $6
), ended AS MATERIALIZED (
    SELECT l.queue, f.state, date_bin($3::interval, f.finished_at, timestamptz 'epoch') AS sample,
        -- Attempts that failed: all but one that went well, or was under way when the job was cancelled.
        CASE WHEN f.state = 'succeeded' OR (f.state = 'cancelled' AND f.worker IS NOT NULL) THEN f.attempt - 1 ELSE f.attempt END AS failed,
        greatest(extract(epoch FROM f.started_at - f.run_at), 0)::float8 * 1000 AS waited,
        CASE WHEN f.run_at IS NOT NULL THEN extract(epoch FROM f.finished_at - f.started_at)::float8 * 1000 END AS ran
    FROM looked l JOIN jobs.finished f ON f.id = l.id
    WHERE f.finished_at >= date_bin($3::interval, now() - $2::interval, timestamptz 'epoch') AND ($4::text IS NULL OR l.queue = $4 COLLATE "C")
)
SELECT e.queue, e.sample,
    count(*) FILTER (WHERE e.state = 'succeeded'), coalesce(sum(e.failed), 0)::bigint,
    count(*) FILTER (WHERE e.state IN ('dead', 'failed')), count(*) FILTER (WHERE e.state = 'cancelled'),
    avg(e.waited), percentile_disc(ARRAY[0.5, 0.95]) WITHIN GROUP (ORDER BY e.waited),
    avg(e.ran), percentile_disc(ARRAY[0.5, 0.95]) WITHIN GROUP (ORDER BY e.ran),
    (SELECT l.id FROM looked l ORDER BY l.id DESC OFFSET $6 - 1 LIMIT 1) AS edge
FROM ended e
GROUP BY GROUPING SETS ((), (e.queue), (e.queue, e.sample))
ORDER BY e.queue NULLS FIRST, e.sample NULLS FIRST
