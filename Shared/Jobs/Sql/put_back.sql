-- Puts running jobs back: after a failed attempt to wait for the next one (error given), or as if never taken, without
-- costing an attempt (no error; on shutdown or when a handler snoozes). Fenced as finish.sql is.
-- $1 worker; arrays: $2 seq, $3 attempt, $4 wait in seconds, $5 error, $6 its detail.
-- Indexes: pending_pkey to find, slots_seq to free; pending_due or pending_claim gets a new entry.
WITH input AS MATERIALIZED (
    SELECT * FROM unnest($2::bigint[], $3::smallint[], $4::float8[], $5::text[], $6::text[]) AS u (seq, attempt, delay, error, detail)
), back AS (
    UPDATE jobs.pending p
    SET worker = NULL,
        attempt = CASE WHEN i.error IS NULL THEN p.attempt - 1 ELSE p.attempt END,
        wait = CASE WHEN i.delay > 0 THEN 1 ELSE 0 END,
        run_at = CASE WHEN i.delay > 0 THEN clock_timestamp() + make_interval(secs => i.delay) ELSE p.run_at END
    FROM input i
    WHERE p.seq = i.seq AND p.worker = $1 AND p.attempt = i.attempt
    RETURNING p.seq, p.id, p.tenant_id, i.attempt, p.started_at, i.error, i.detail
), history AS (
    INSERT INTO jobs.attempts (job_id, tenant_id, attempt, started_at, finished_at, worker, error, detail)
    SELECT id, tenant_id, attempt, started_at, clock_timestamp(), $1, error, detail FROM back WHERE error IS NOT NULL
), freed AS (
    DELETE FROM jobs.slots s USING back WHERE s.seq = back.seq
)
SELECT seq FROM back
