-- Claims jobs for a worker, in turns between tenants: the tenants that have waiting jobs are found by hopping through the
-- index from one to the next (beginning where the last round ended), each gets its share of the free places, and its jobs
-- are taken by priority and age. Locking skips what another worker takes at this moment and checks again what it took. A worker whose
-- lease has run out gets nothing.
-- $1 worker, $2 queues, $3 places free in each, $4 tenant after whom to begin in each, $5 cap on running jobs of a tenant in each
-- (0: none; the caller then holds the queue's claim lock), $6 tenant whose turn was cut short in each, $7 what is left of it,
-- $8 where to begin in each: jobs before that seq are left for a later look (see ClaimHorizon).
-- Lines marked "limited" are part of the statement for queues with rate limits (the caller then holds the claim lock), those marked
-- "unlimited" of the one for others, which leaves limited queues alone.
-- Indexes: pending_claim for the hops and the picks, pending_pkey for the update, slots_pkey for caps,
-- job_pkey for the payload, workers_pkey for the lease, paused_tenants_pkey.
WITH wanted AS ( --unlimited
    SELECT w.* --unlimited
WITH wanted AS MATERIALIZED ( --limited
    SELECT w.queue, w.after, w.cap, w.turn, w.rest, w.since, --limited
        least(w.places, jobs.free_permits(w.queue, '00000000-0000-0000-0000-000000000000')) AS places --limited
    FROM unnest($2::text[], $3::int[], $4::uuid[], $5::int[], $6::uuid[], $7::int[], $8::bigint[]) WITH ORDINALITY
        AS w (queue, places, after, cap, turn, rest, since, position)
    WHERE EXISTS (SELECT FROM jobs.workers l WHERE l.id = $1 AND l.expires_at > clock_timestamp())
        AND NOT EXISTS (SELECT FROM jobs.queues q WHERE q.name = w.queue COLLATE "C" AND (q.paused_at IS NOT NULL
            OR q.limited --unlimited
        ))
), picked AS MATERIALIZED (
    SELECT p.seq, w.cap, t.due, row_number() OVER () AS turn
    FROM wanted w
    CROSS JOIN LATERAL (
        WITH RECURSIVE following (tenant_id) AS (
            (SELECT a.tenant_id FROM jobs.pending a
             WHERE a.queue = w.queue COLLATE "C" AND a.wait = 0 AND a.tenant_id > w.after AND a.seq >= w.since AND a.worker IS NULL
             ORDER BY a.tenant_id LIMIT 1)
            UNION ALL
            SELECT (SELECT a.tenant_id FROM jobs.pending a
                    WHERE a.queue = w.queue COLLATE "C" AND a.wait = 0 AND a.tenant_id > f.tenant_id AND a.seq >= w.since AND a.worker IS NULL
                    ORDER BY a.tenant_id LIMIT 1)
            FROM following f WHERE f.tenant_id IS NOT NULL
        ), preceding (tenant_id) AS (
            (SELECT a.tenant_id FROM jobs.pending a
             WHERE a.queue = w.queue COLLATE "C" AND a.wait = 0 AND a.tenant_id <= w.after AND a.seq >= w.since AND a.worker IS NULL
             ORDER BY a.tenant_id LIMIT 1)
            UNION ALL
            SELECT (SELECT a.tenant_id FROM jobs.pending a
                    WHERE a.queue = w.queue COLLATE "C" AND a.wait = 0 AND a.tenant_id > f.tenant_id
                        AND a.tenant_id <= w.after AND a.seq >= w.since AND a.worker IS NULL
                    ORDER BY a.tenant_id LIMIT 1)
            FROM preceding f WHERE f.tenant_id IS NOT NULL
        ), tenants AS (
            SELECT f.tenant_id, f.room FROM (
                SELECT tenant_id, least(
                    CASE WHEN w.cap > 0 THEN w.cap - (SELECT count(*) FROM jobs.slots s WHERE s.queue = w.queue COLLATE "C" AND s.tenant_id = following.tenant_id) END
                    , jobs.free_permits(w.queue, following.tenant_id) --limited
                    ) AS room
                FROM following WHERE tenant_id IS NOT NULL
                UNION ALL
                SELECT tenant_id, least(
                    CASE WHEN w.cap > 0 THEN w.cap - (SELECT count(*) FROM jobs.slots s WHERE s.queue = w.queue COLLATE "C" AND s.tenant_id = preceding.tenant_id) END
                    , jobs.free_permits(w.queue, preceding.tenant_id) --limited
                    ) AS room
                FROM preceding WHERE tenant_id IS NOT NULL
            ) f
            WHERE (f.room > 0) IS NOT FALSE
                -- Asked of each tenant only while any is paused.
                AND (NOT (SELECT EXISTS (SELECT FROM jobs.paused_tenants))
                    OR NOT EXISTS (SELECT FROM jobs.paused_tenants z WHERE z.tenant_id = f.tenant_id AND z.queue IN ('', w.queue COLLATE "C")))
            LIMIT w.places
        )
        -- {shares}: claim_even.sql, or claim_weighed.sql while any tenant has a weight.
    ) t
    CROSS JOIN LATERAL (
        SELECT a.seq FROM jobs.pending a
        WHERE a.queue = w.queue COLLATE "C" AND a.tenant_id = t.tenant_id AND a.wait = 0 AND a.seq >= w.since AND a.worker IS NULL
        ORDER BY a.priority, a.seq
        LIMIT least(t.share, t.room)
        FOR UPDATE SKIP LOCKED
    ) p
), claimed AS (
    UPDATE jobs.pending a
    SET worker = $1, attempt = a.attempt + 1, started_at = clock_timestamp()
    FROM picked
    WHERE a.seq = picked.seq
    RETURNING a.seq, a.id, a.tenant_id, a.queue, a.attempt, a.lane, a.run_at, a.started_at, picked.cap, picked.due, picked.turn
), capped AS (
    INSERT INTO jobs.slots (queue, tenant_id, seq)
    SELECT queue, tenant_id, seq FROM claimed WHERE cap > 0
)
-- With limits, what has started counts against the limits of its queue and its tenant, from the latest start on. A crash of the server mustn't
-- forget it, so this commit waits for the disk. Index: rate_limits_pkey.
, started AS ( --limited
    SELECT c.queue, o.tenant_id, max(c.started_at) AS at, count(*)::int AS jobs, set_config('synchronous_commit', 'on', true) --limited
    FROM claimed c CROSS JOIN LATERAL (VALUES (c.tenant_id), ('00000000-0000-0000-0000-000000000000'::uuid)) AS o (tenant_id) --limited
    GROUP BY c.queue, o.tenant_id --limited
), counted AS ( --limited
    UPDATE jobs.rate_limits l --limited
    SET (recent_at, recent_jobs) = (SELECT n.recent_at, n.recent_jobs --limited
        FROM jobs.add_starts(l.recent_at, l.recent_jobs, l.span, s.at, s.jobs) n) --limited
    FROM started s --limited
    WHERE l.queue = s.queue AND l.tenant_id = s.tenant_id --limited
) --limited
SELECT c.seq, c.id, c.tenant_id, c.queue, c.attempt, c.lane,
    extract(epoch FROM c.started_at - c.run_at)::float8, c.started_at,
    j.type, j.max_attempts, j.timeout_seconds, j.blocks_lane, j.traceparent, j.payload, j.batch_id, c.due,
    -- A claim that a crash of the server forgets runs a second time beside the first, which a lane must never see: it waits for the disk.
    CASE WHEN c.lane IS NOT NULL THEN set_config('synchronous_commit', 'on', true) END
FROM claimed c
JOIN jobs.job j ON j.id = c.id
ORDER BY c.turn
