-- In how many seconds the first permit comes back that a waiting job of these queues ($1) needs; null when none waits for one.
-- Indexes: rate_limits_pkey by queue, pending_claim for whether any waits.
SELECT extract(epoch FROM min(r.next) - clock_timestamp())::float8
FROM jobs.rate_limits l
CROSS JOIN LATERAL (
    SELECT sum(u.jobs) AS used, min(u.at) + l.span AS next
    FROM unnest(l.recent_at, l.recent_jobs) AS u (at, jobs) WHERE u.at > clock_timestamp() - l.span
) r
WHERE l.queue = ANY ($1) AND r.used >= l.permits
    AND CASE WHEN l.tenant_id = '00000000-0000-0000-0000-000000000000'
        THEN EXISTS (SELECT FROM jobs.pending a WHERE a.queue = l.queue AND a.wait = 0 AND a.worker IS NULL)
        ELSE EXISTS (SELECT FROM jobs.pending a WHERE a.queue = l.queue AND a.tenant_id = l.tenant_id AND a.wait = 0 AND a.worker IS NULL)
    END
