-- Lanes whose head still waits for a turn nobody will give it (a worker died between ending a job and letting the next
-- one go). Index: pending_lane, hopped through from lane to lane.
WITH RECURSIVE lanes (tenant_id, lane) AS (
    (SELECT tenant_id, lane FROM jobs.pending WHERE lane IS NOT NULL ORDER BY tenant_id, lane LIMIT 1)
    UNION ALL
    SELECT n.tenant_id, n.lane
    FROM lanes l
    CROSS JOIN LATERAL (
        SELECT a.tenant_id, a.lane FROM jobs.pending a
        WHERE a.lane IS NOT NULL AND (a.tenant_id, a.lane) > (l.tenant_id, l.lane)
        ORDER BY a.tenant_id, a.lane LIMIT 1
    ) n
)
SELECT l.tenant_id, l.lane
FROM lanes l
CROSS JOIN LATERAL (
    SELECT a.wait FROM jobs.pending a WHERE a.tenant_id = l.tenant_id AND a.lane = l.lane ORDER BY a.seq LIMIT 1
) head
WHERE head.wait = 2
    AND NOT EXISTS (SELECT FROM jobs.blocked_lanes b WHERE b.tenant_id = l.tenant_id AND b.lane = l.lane)
