-- A tenant's dead jobs, oldest first. Index: finished_dead, then job_pkey for each.
SELECT f.id FROM jobs.finished f JOIN jobs.job j ON j.id = f.id
WHERE f.tenant_id = $1 AND f.state = 'dead' AND ($2::text IS NULL OR j.queue = $2) AND ($3::text IS NULL OR j.type = $3)
ORDER BY f.finished_at LIMIT $4
