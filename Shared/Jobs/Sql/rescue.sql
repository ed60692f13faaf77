-- Takes the jobs of lost workers away from them: free for the next attempt at once, dead when that was the last one.
-- $1 the lost workers. Index: none. It reads jobs.pending from end to end, but only after a worker was lost.
WITH lost AS (
    SELECT p.seq FROM jobs.pending p WHERE p.worker = ANY ($1) FOR UPDATE SKIP LOCKED
), freed AS (
    UPDATE jobs.pending p SET worker = NULL
    FROM lost WHERE p.seq = lost.seq AND p.attempt < p.max_attempts
    RETURNING p.seq, p.id, p.tenant_id, p.attempt, p.run_at, p.started_at, p.queue, p.lane, false AS dead
), buried AS (
    DELETE FROM jobs.pending p USING lost WHERE p.seq = lost.seq AND p.attempt >= p.max_attempts
    RETURNING p.seq, p.id, p.tenant_id, p.attempt, p.run_at, p.started_at, p.queue, p.lane, true AS dead
), taken AS (
    SELECT * FROM freed UNION ALL SELECT * FROM buried
), history AS (
    INSERT INTO jobs.attempts (job_id, tenant_id, attempt, started_at, finished_at, error)
    SELECT id, tenant_id, attempt, started_at, clock_timestamp(), 'The worker was lost.' FROM taken
), record AS (
    INSERT INTO jobs.finished (id, tenant_id, run_at, started_at, finished_at, attempt, state, error)
    SELECT id, tenant_id, run_at, started_at, clock_timestamp(), attempt, 'dead', 'The worker was lost.' FROM buried
), slots AS (
    DELETE FROM jobs.slots s USING taken WHERE s.seq = taken.seq
), blocked AS (
    INSERT INTO jobs.blocked_lanes (tenant_id, lane, job_id, blocked_at)
    SELECT b.tenant_id, b.lane, b.id, clock_timestamp() FROM buried b JOIN jobs.job j ON j.id = b.id
    WHERE b.lane IS NOT NULL AND j.blocks_lane
    ON CONFLICT DO NOTHING
), tally AS (
    SELECT j.batch_id AS batch, count(*) AS ended, count(*) AS dead FROM buried u JOIN jobs.job j ON j.id = u.id WHERE j.batch_id IS NOT NULL GROUP BY 1
), locked AS MATERIALIZED (
    SELECT b.id FROM jobs.batches b WHERE b.id IN (SELECT t.batch FROM tally t) ORDER BY b.id FOR UPDATE
), counted AS (
    UPDATE jobs.batches b
    SET open = b.open - t.ended, dead = b.dead + t.dead,
        finished_at = CASE WHEN b.open = t.ended THEN clock_timestamp() END
    FROM locked l JOIN tally t ON t.batch = l.id
    WHERE b.id = l.id
)
SELECT t.id, t.tenant_id, t.queue, j.type, t.attempt, t.lane, t.dead FROM taken t JOIN jobs.job j ON j.id = t.id
