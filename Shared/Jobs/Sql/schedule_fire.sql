-- Makes a schedule's runs: for each due time one job, and the next due time, in one statement. Nothing happens when the schedule
-- was changed, paused or moved on since it was read, and a run that another leader has made is left out.
-- $1 tenant, $2 schedule, $3 the due time it was read with, $4 job ids, $5 their due times, $6 next due time, $7 trace.
-- Indexes: schedules_pkey, schedule_runs_pkey; pending_pkey, pending_claim and job_pkey are appended to.
WITH held AS MATERIALIZED (
    SELECT * FROM jobs.schedules s
    WHERE s.tenant_id = $1 AND s.id = $2 AND s.next_due = $3 AND s.paused_at IS NULL
    FOR UPDATE
), run AS (
    INSERT INTO jobs.schedule_runs (tenant_id, schedule_id, due_at, job_id, enqueued_at)
    SELECT h.tenant_id, h.id, u.due_at, u.job_id, clock_timestamp()
    FROM held h CROSS JOIN unnest($4::uuid[], $5::timestamptz[]) WITH ORDINALITY AS u (job_id, due_at, place)
    ORDER BY u.place
    ON CONFLICT DO NOTHING
    RETURNING job_id, due_at
), hot AS (
    INSERT INTO jobs.pending (id, tenant_id, run_at, max_attempts, priority, wait, queue)
    SELECT r.job_id, h.tenant_id, clock_timestamp(), h.max_attempts, h.priority, 0, h.queue
    FROM held h CROSS JOIN run r ORDER BY r.due_at
    RETURNING seq, id
), record AS (
    INSERT INTO jobs.job (id, seq, tenant_id, max_attempts, priority, queue, type, timeout_seconds, retention_days, traceparent, payload)
    SELECT p.id, p.seq, h.tenant_id, h.max_attempts, h.priority, h.queue, h.type, h.timeout_seconds, h.retention_days, $7, h.payload
    FROM held h CROSS JOIN hot p
), moved AS (
    UPDATE jobs.schedules s SET next_due = $6, last_due = coalesce((SELECT max(due_at) FROM run), s.last_due)
    FROM held h WHERE s.tenant_id = h.tenant_id AND s.id = h.id
)
SELECT (SELECT count(*) FROM run)::int FROM held
