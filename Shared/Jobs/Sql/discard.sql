-- Lets dead jobs rest; their lanes go on. Indexes: finished_pkey, blocked_lanes by its few rows.
WITH rested AS (
    UPDATE jobs.finished f SET state = 'failed' WHERE f.id = ANY ($2) AND f.tenant_id = $1 AND f.state = 'dead' RETURNING f.id
), unblocked AS (
    DELETE FROM jobs.blocked_lanes b USING rested WHERE b.tenant_id = $1 AND b.job_id = rested.id
)
SELECT id FROM rested
