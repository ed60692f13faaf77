-- In how many seconds the next run is due; null when none is to come. Index: schedules_due, its first entry.
SELECT extract(epoch FROM (SELECT next_due FROM jobs.schedules WHERE next_due IS NOT NULL AND paused_at IS NULL ORDER BY next_due LIMIT 1) - clock_timestamp())::float8
