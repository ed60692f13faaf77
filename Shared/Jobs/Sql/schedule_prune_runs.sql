-- Forgets runs after a month: a schedule never goes back that far. Index: schedule_runs_due, from its front.
DELETE FROM jobs.schedule_runs WHERE due_at < now() - interval '30 days'
