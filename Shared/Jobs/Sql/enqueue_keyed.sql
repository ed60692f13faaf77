-- Enqueues one job that has a lane, a unique key or both. Gives no row when the unique key's holder is not visible yet.
-- Indexes: pending_unique finds the holder of the key, pending_lane whether somebody stands ahead in the lane,
-- blocked_lanes_pkey whether the lane is blocked.
WITH hot AS (
    INSERT INTO jobs.pending (id, tenant_id, run_at, max_attempts, priority, wait, queue, lane, unique_key)
    SELECT $1, $2, clock_timestamp() + $3, $4, $5,
        CASE
            WHEN $13::text IS NOT NULL
                AND (EXISTS (SELECT FROM jobs.pending a WHERE a.tenant_id = $2 AND a.lane = $13)
                    OR EXISTS (SELECT FROM jobs.blocked_lanes b WHERE b.tenant_id = $2 AND b.lane = $13)) THEN 2
            WHEN $3 > interval '0' THEN 1
            ELSE 0
        END,
        $6, $13, $14
    ON CONFLICT (tenant_id, unique_key) WHERE unique_key IS NOT NULL DO NOTHING
    RETURNING seq
), record AS (
    INSERT INTO jobs.job (id, seq, tenant_id, max_attempts, priority, queue, type, timeout_seconds, retention_days, blocks_lane, traceparent, payload, lane, unique_key)
    SELECT $1, seq, $2, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14 FROM hot
    RETURNING id
)
SELECT id FROM record
UNION ALL
SELECT p.id FROM jobs.pending p WHERE p.tenant_id = $2 AND p.unique_key = $14 AND NOT EXISTS (SELECT FROM record)
LIMIT 1
