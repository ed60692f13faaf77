-- Pauses or resumes a queue for every worker: nothing more is claimed, running jobs go on. Index: queues_pkey.
INSERT INTO jobs.queues (name, paused_at) VALUES ($1, CASE WHEN $2 THEN clock_timestamp() END)
ON CONFLICT (name) DO UPDATE SET paused_at = CASE WHEN $2 THEN coalesce(queues.paused_at, clock_timestamp()) END
