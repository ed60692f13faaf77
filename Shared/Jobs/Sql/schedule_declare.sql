-- Stores a schedule that is declared in code. One that is there keeps its due time, unless the times were changed, and stays
-- paused if somebody has paused it. $1 tenant, $2 id of a new one, $14 its next due time. Index: schedules_name.
INSERT INTO jobs.schedules AS s (
    tenant_id, id, name, cron, time_zone, misfire_runs, type, queue, priority, max_attempts, timeout_seconds, retention_days, payload, next_due, declared_at)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, clock_timestamp())
ON CONFLICT (tenant_id, name) DO UPDATE
SET cron = excluded.cron, time_zone = excluded.time_zone, misfire_runs = excluded.misfire_runs, type = excluded.type,
    queue = excluded.queue, priority = excluded.priority, max_attempts = excluded.max_attempts,
    timeout_seconds = excluded.timeout_seconds, retention_days = excluded.retention_days, payload = excluded.payload,
    declared_at = excluded.declared_at,
    next_due = CASE
        WHEN s.cron = excluded.cron AND s.time_zone = excluded.time_zone AND s.next_due IS NOT NULL THEN s.next_due
        ELSE excluded.next_due
    END
