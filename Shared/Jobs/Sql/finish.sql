-- Ends jobs: their hot rows go, their results, errors and blocked lanes are written. A row whose worker or attempt is no
-- longer the caller's is left alone and missing from the answer: somebody else has taken that job over.
-- $1 worker; arrays: $2 seq, $3 attempt, $4 state, $5 error, $6 result, $7 whether a dead job blocks its lane,
-- $9 detail of the error; $8 whether any took a slot.
-- Indexes: pending_pkey to find, slots_seq to free; finished_pkey is appended to.
WITH input AS MATERIALIZED (
    SELECT * FROM unnest($2::bigint[], $3::smallint[], $4::text[], $5::text[], $6::text[], $7::boolean[], $9::text[])
        AS u (seq, attempt, state, error, result, blocks, detail)
), gone AS (
    DELETE FROM jobs.pending p USING input i
    WHERE p.seq = i.seq AND p.worker = $1 AND p.attempt = i.attempt
    RETURNING p.seq, p.id, p.tenant_id, p.attempt, p.run_at, p.started_at, p.lane, i.state, i.error, i.result, i.blocks, i.detail
), record AS (
    INSERT INTO jobs.finished (id, tenant_id, run_at, started_at, finished_at, attempt, worker, state, error, result)
    SELECT id, tenant_id, run_at, started_at, clock_timestamp(), attempt, $1, state, error, result::json FROM gone
), history AS (
    INSERT INTO jobs.attempts (job_id, tenant_id, attempt, started_at, finished_at, worker, error, detail)
    SELECT id, tenant_id, attempt, started_at, clock_timestamp(), $1, error, detail FROM gone WHERE error IS NOT NULL
), freed AS (
    DELETE FROM jobs.slots s USING gone WHERE $8 AND s.seq = gone.seq
), blocked AS (
    INSERT INTO jobs.blocked_lanes (tenant_id, lane, job_id, blocked_at)
    SELECT tenant_id, lane, id, clock_timestamp() FROM gone WHERE state = 'dead' AND blocks AND lane IS NOT NULL
    ON CONFLICT DO NOTHING
)
SELECT seq FROM gone
