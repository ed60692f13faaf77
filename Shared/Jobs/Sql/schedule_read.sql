-- One schedule of a tenant, or all by name. Index: schedules_name, read for the tenant in order; a tenant has few.
SELECT id, name, cron, time_zone, misfire_runs, type, queue, payload::text, declared_at IS NOT NULL, paused_at, next_due, last_due, created_at, version
FROM jobs.schedules
WHERE tenant_id = $1 AND ($2 IS NULL OR id = $2)
ORDER BY name LIMIT $3
