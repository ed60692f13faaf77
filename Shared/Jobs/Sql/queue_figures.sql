-- How a tenant's queues stand, counted to $3. Indexes: pending_claim by queue and tenant; pending_due, whose entries are few, for
-- what waits for its time; pending_lane for what waits behind another of its lane; blocked_lanes_pkey, then job_pkey.
SELECT q.name, c.waiting, c.running, coalesce(d.scheduled, 0), coalesce(extract(epoch FROM clock_timestamp() - c.oldest), 0)::float8,
    coalesce(o.paused_at, t.paused_at), coalesce(l.in_lanes, 0), coalesce(b.blocked, 0), o.paused_at IS NOT NULL
FROM unnest($2::text[]) AS q (name)
CROSS JOIN LATERAL (
    SELECT count(*) FILTER (WHERE a.worker IS NULL) AS waiting, count(a.worker) AS running,
        min(a.run_at) FILTER (WHERE a.worker IS NULL) AS oldest
    FROM (
        SELECT p.worker, p.run_at FROM jobs.pending p
        WHERE p.queue = q.name COLLATE "C" AND p.tenant_id = $1 AND p.wait = 0 LIMIT $3
    ) a
) c
LEFT JOIN (
    SELECT a.queue, count(*) AS scheduled FROM (
        SELECT p.queue FROM jobs.pending p WHERE p.wait = 1 AND p.tenant_id = $1 LIMIT $3
    ) a GROUP BY a.queue
) d ON d.queue = q.name COLLATE "C"
LEFT JOIN (
    SELECT a.queue, count(*) AS in_lanes FROM (
        SELECT p.queue FROM jobs.pending p WHERE p.tenant_id = $1 AND p.lane IS NOT NULL AND p.wait = 2 LIMIT $3
    ) a GROUP BY a.queue
) l ON l.queue = q.name COLLATE "C"
LEFT JOIN (
    SELECT j.queue, count(*) AS blocked
    FROM (SELECT a.job_id FROM jobs.blocked_lanes a WHERE a.tenant_id = $1 LIMIT $3) x JOIN jobs.job j ON j.id = x.job_id
    GROUP BY j.queue
) b ON b.queue = q.name COLLATE "C"
LEFT JOIN jobs.paused_queues() o ON o.queue = q.name COLLATE "C"
LEFT JOIN LATERAL (
    SELECT min(z.paused_at) AS paused_at FROM jobs.paused_tenants z WHERE z.tenant_id = $1 AND z.queue IN ('', q.name COLLATE "C")
) t ON true
ORDER BY q.name
