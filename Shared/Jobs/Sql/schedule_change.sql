-- Changes what is given of a tenant's own schedule: $3 name, $4 cron, $5 time zone, $6 misfire, $7 payload, $8 next due time
-- (with cron), $9 the version it must have. Answers true when done, false when another one has the name, no row when there is
-- no such schedule. Indexes: schedules_pkey, schedules_name.
WITH mine AS (
    SELECT s.id, $3::text IS NULL OR NOT EXISTS (
        SELECT FROM jobs.schedules o WHERE o.tenant_id = $1 AND o.name = $3 AND o.id <> s.id) AS free
    FROM jobs.schedules s
    WHERE s.tenant_id = $1 AND s.id = $2 AND s.declared_at IS NULL AND ($9::int IS NULL OR s.version = $9)
    FOR UPDATE
), changed AS (
    UPDATE jobs.schedules s
    SET name = coalesce($3, s.name),
        cron = coalesce($4, s.cron),
        time_zone = coalesce($5, s.time_zone),
        misfire_runs = coalesce($6, s.misfire_runs),
        payload = coalesce($7, s.payload),
        next_due = CASE WHEN $4 IS NULL THEN s.next_due ELSE $8 END,
        version = s.version + 1
    FROM mine WHERE s.tenant_id = $1 AND s.id = mine.id AND mine.free
)
SELECT free FROM mine
