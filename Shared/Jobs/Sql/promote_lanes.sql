-- Lets the head of each lane go, if it waits for its turn and the lane is not blocked. From now on it might run, so its wait counts
-- from here; the row gets its entry in an index anyway, for it wasn't claimable before. Indexes: pending_lane gives the
-- head, blocked_lanes_pkey the block, pending_pkey the row.
UPDATE jobs.pending p
SET wait = CASE WHEN p.run_at > clock_timestamp() THEN 1 ELSE 0 END, run_at = greatest(p.run_at, clock_timestamp())
FROM (
    SELECT head.seq
    FROM (SELECT DISTINCT * FROM unnest($1::uuid[], $2::text[]) AS u (tenant_id, lane)) l
    CROSS JOIN LATERAL (
        SELECT a.seq, a.wait FROM jobs.pending a
        WHERE a.tenant_id = l.tenant_id AND a.lane = l.lane COLLATE "C" ORDER BY a.seq LIMIT 1
    ) head
    WHERE head.wait = 2
        AND NOT EXISTS (SELECT FROM jobs.blocked_lanes b WHERE b.tenant_id = l.tenant_id AND b.lane = l.lane COLLATE "C")
) heads
WHERE p.seq = heads.seq AND p.wait = 2
RETURNING p.tenant_id, p.lane
