-- Schedules with a run to make, the longest due first. now() and not clock_timestamp(): an index can be asked only for what
-- stays the same within a statement. Index: schedules_due, from its front.
SELECT tenant_id, id, name, cron, time_zone, misfire_runs, queue, type, next_due, now()
FROM jobs.schedules WHERE next_due <= now() AND paused_at IS NULL
ORDER BY next_due LIMIT $1
