-- Makes a tenant's schedule; nothing when it has one of that name. Indexes: schedules_name for the conflict; schedules_due gets an entry.
INSERT INTO jobs.schedules (
    tenant_id, id, name, cron, time_zone, misfire_runs, type, queue, priority, max_attempts, timeout_seconds, retention_days, payload, next_due)
VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
ON CONFLICT (tenant_id, name) DO NOTHING
