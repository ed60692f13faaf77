-- Ends waiting jobs somebody wants cancelled, some thousands at a time, and forgets wishes that came too late; a job that was
-- claimed at this moment keeps its wish for its worker. Answers the ended jobs.
-- Indexes: cancellations is all but empty, then job_pkey and pending_pkey; batches_pkey.
WITH wishes AS MATERIALIZED (
    SELECT job_id FROM jobs.cancellations LIMIT 20000
), gone AS (
    DELETE FROM jobs.pending p
    USING wishes c JOIN jobs.job j ON j.id = c.job_id
    WHERE p.seq = j.seq AND p.worker IS NULL
    RETURNING p.id, p.tenant_id, p.attempt, p.started_at, p.lane, p.queue, j.type, j.batch_id
), record AS (
    INSERT INTO jobs.finished (id, tenant_id, started_at, finished_at, attempt, state)
    SELECT id, tenant_id, started_at, clock_timestamp(), attempt, 'cancelled' FROM gone
), forgotten AS (
    DELETE FROM jobs.cancellations c USING wishes w
    WHERE c.job_id = w.job_id AND (
        EXISTS (SELECT FROM gone g WHERE g.id = c.job_id)
        OR NOT EXISTS (SELECT FROM jobs.job j JOIN jobs.pending p ON p.seq = j.seq WHERE j.id = c.job_id))
), tally AS (
    SELECT batch_id AS batch, count(*) AS ended, count(*) AS cancelled FROM gone WHERE batch_id IS NOT NULL GROUP BY 1
), locked AS MATERIALIZED (
    SELECT b.id FROM jobs.batches b WHERE b.id IN (SELECT t.batch FROM tally t) ORDER BY b.id FOR UPDATE
), counted AS (
    UPDATE jobs.batches b
    SET open = b.open - t.ended, cancelled = b.cancelled + t.cancelled,
        finished_at = CASE WHEN b.open = t.ended THEN clock_timestamp() END
    FROM locked l JOIN tally t ON t.batch = l.id
    WHERE b.id = l.id
)
SELECT id, tenant_id, queue, type, attempt, lane FROM gone
