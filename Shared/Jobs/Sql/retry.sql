-- Brings ended jobs back with fresh attempts, each at its old place in its lane: it waits while another job of the lane is
-- under way and goes next then. A unique key that another job holds by now is given up. Members of a
-- batch open it again. The progress of the last run goes.
-- Indexes: finished_pkey, progress_pkey, job_pkey, pending_lane, pending_unique, blocked_lanes by its few rows.
WITH ended AS (
    DELETE FROM jobs.finished f
    WHERE f.id = ANY ($2) AND f.tenant_id = $1 AND f.state <> 'succeeded'
    RETURNING f.id, f.state
), reopened AS (
    UPDATE jobs.batches b
    SET open = b.open + r.back, cancelled = b.cancelled - r.cancelled, dead = b.dead - r.back + r.cancelled, finished_at = NULL
    FROM (
        SELECT j.batch_id, count(*) AS back, count(*) FILTER (WHERE e.state = 'cancelled') AS cancelled
        FROM ended e JOIN jobs.job j ON j.id = e.id WHERE j.batch_id IS NOT NULL GROUP BY 1
    ) r
    WHERE b.id = r.batch_id AND b.tenant_id = $1
), cleared AS (
    DELETE FROM jobs.progress g USING ended WHERE g.job_id = ended.id AND g.tenant_id = $1
), unblocked AS (
    DELETE FROM jobs.blocked_lanes b USING ended WHERE b.tenant_id = $1 AND b.job_id = ended.id
)
INSERT INTO jobs.pending (seq, id, tenant_id, run_at, max_attempts, priority, wait, queue, lane, unique_key)
SELECT j.seq, j.id, j.tenant_id, clock_timestamp(), j.max_attempts, j.priority,
    CASE WHEN j.lane IS NOT NULL AND (
        EXISTS (SELECT FROM jobs.pending a WHERE a.tenant_id = $1 AND a.lane = j.lane AND a.wait <> 2)
        OR row_number() OVER (PARTITION BY j.lane ORDER BY j.seq) > 1
        OR EXISTS (SELECT FROM jobs.blocked_lanes b WHERE b.tenant_id = $1 AND b.lane = j.lane AND b.job_id <> ALL ($2))
    ) THEN 2 ELSE 0 END,
    j.queue, j.lane,
    CASE WHEN EXISTS (SELECT FROM jobs.pending a WHERE a.tenant_id = $1 AND a.unique_key = j.unique_key) THEN NULL ELSE j.unique_key END
FROM ended JOIN jobs.job j ON j.id = ended.id
RETURNING id
