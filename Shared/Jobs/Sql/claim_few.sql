-- Claims what waits in several queues when that is so little that nobody has to be chosen: all of it. When it is more than $3 jobs, or when
-- a queue somebody must choose in has any, nothing is claimed and the answer says that there is more, for claim.sql. A worker woken
-- by a hint mostly finds one job; claim.sql takes longer to set up than this takes to run.
-- $1 worker, $2 queues without caps and limits, $3 places free in the fullest, $4 the other queues. Always gives a row, should it be
-- one without a job.
-- Indexes: pending_claim for both looks, pending_pkey for the update, job_pkey for the payload, workers_pkey for the lease, queues_pkey;
-- paused_tenants is only asked whether it has any row.
WITH wanted AS MATERIALIZED (
    SELECT ARRAY(SELECT w.queue FROM unnest($2::text[]) AS w (queue)
        WHERE NOT EXISTS (SELECT FROM jobs.queues q WHERE q.name = w.queue COLLATE "C" AND (q.paused_at IS NOT NULL OR q.limited))) AS queues
    WHERE EXISTS (SELECT FROM jobs.workers l WHERE l.id = $1 AND l.expires_at > clock_timestamp())
), waiting AS MATERIALIZED (
    SELECT a.seq FROM jobs.pending a
    WHERE a.queue = ANY ((SELECT w.queues FROM wanted w)::text[] COLLATE "C") AND a.wait = 0 AND a.worker IS NULL
    LIMIT $3 + 1
    FOR UPDATE SKIP LOCKED
), more AS MATERIALIZED (
    SELECT (SELECT count(*) FROM waiting) > $3
        OR EXISTS (SELECT FROM jobs.paused_tenants)
        OR EXISTS (SELECT FROM jobs.pending a WHERE a.queue = ANY ($4::text[] COLLATE "C") AND a.wait = 0 AND a.worker IS NULL) AS more
), claimed AS (
    UPDATE jobs.pending a
    SET worker = $1, attempt = a.attempt + 1, started_at = clock_timestamp()
    FROM waiting
    WHERE a.seq = waiting.seq AND NOT (SELECT m.more FROM more m)
    RETURNING a.seq, a.id, a.tenant_id, a.queue, a.attempt, a.lane, a.run_at, a.started_at, a.priority
)
SELECT c.seq, c.id, c.tenant_id, c.queue, c.attempt, c.lane,
    extract(epoch FROM c.started_at - c.run_at)::float8, c.started_at,
    j.type, j.max_attempts, j.timeout_seconds, j.blocks_lane, j.traceparent, j.payload, j.batch_id, NULL::int, m.more,
    -- As in claim.sql: a lane's claim waits for the disk.
    CASE WHEN c.lane IS NOT NULL THEN set_config('synchronous_commit', 'on', true) END
FROM more m
LEFT JOIN claimed c ON true
LEFT JOIN LATERAL (SELECT * FROM jobs.job r WHERE r.id = c.id LIMIT 1) j ON true
ORDER BY c.priority, c.seq
