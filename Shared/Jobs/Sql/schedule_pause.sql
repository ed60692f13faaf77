-- Pauses ($3 true) a schedule, or lets it go on with its next run at $4. Index: schedules_pkey.
UPDATE jobs.schedules
SET paused_at = CASE WHEN $3 THEN clock_timestamp() END, next_due = CASE WHEN $3 THEN next_due ELSE $4 END, version = version + 1
WHERE tenant_id = $1 AND id = $2
