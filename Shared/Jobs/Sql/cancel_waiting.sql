-- Ends waiting jobs somebody wants cancelled and forgets wishes that came too late. Answers the ended jobs.
-- Indexes: cancellations is all but empty, then job_pkey and pending_pkey.
WITH gone AS (
    DELETE FROM jobs.pending p
    USING jobs.cancellations c JOIN jobs.job j ON j.id = c.job_id
    WHERE p.seq = j.seq AND p.worker IS NULL
    RETURNING p.id, p.tenant_id, p.attempt, p.started_at, p.lane, p.queue, j.type
), record AS (
    INSERT INTO jobs.finished (id, tenant_id, started_at, finished_at, attempt, state)
    SELECT id, tenant_id, started_at, clock_timestamp(), attempt, 'cancelled' FROM gone
), forgotten AS (
    DELETE FROM jobs.cancellations c
    WHERE NOT EXISTS (SELECT FROM jobs.job j JOIN jobs.pending p ON p.seq = j.seq WHERE j.id = c.job_id AND p.worker IS NOT NULL)
)
SELECT id, tenant_id, queue, type, attempt, lane FROM gone
