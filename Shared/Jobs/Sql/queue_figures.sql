-- How a tenant's queues stand, counted to $3. Indexes: pending_claim by queue and tenant; pending_due, whose entries are few, for
-- what waits for its time; pending_lane for what waits in a lane.
SELECT q.name, c.waiting, c.running, coalesce(d.scheduled, 0), coalesce(extract(epoch FROM clock_timestamp() - c.oldest), 0)::float8,
    coalesce(o.paused_at, t.paused_at), o.paused_at IS NOT NULL
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
LEFT JOIN jobs.paused_queues() o ON o.queue = q.name COLLATE "C"
LEFT JOIN LATERAL (
    SELECT min(z.paused_at) AS paused_at FROM jobs.paused_tenants z WHERE z.tenant_id = $1 AND z.queue IN ('', q.name COLLATE "C")
) t ON true
ORDER BY q.name
