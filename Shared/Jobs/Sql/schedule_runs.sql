-- A schedule's latest runs. Index: schedule_runs_pkey, read backwards.
SELECT due_at, job_id, enqueued_at FROM jobs.schedule_runs WHERE tenant_id = $1 AND schedule_id = $2 ORDER BY due_at DESC LIMIT $3
