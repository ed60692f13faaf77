-- Deletes a tenant's own schedule ($3: if it has this version), and by its foreign key the record of its runs. Indexes: schedules_pkey,
-- schedule_runs_pkey.
DELETE FROM jobs.schedules WHERE tenant_id = $1 AND id = $2 AND declared_at IS NULL AND ($3::int IS NULL OR version = $3)
