-- Deletes the finished jobs of a slice whose retention is over: at most $2 jobs, from after $1 to $3. UUIDv7 ids grow with time, so slices
-- follow each other by age. Dead jobs are kept four times as long.
-- Answers the last id looked at (null when there was none), how many jobs were deleted and looked at, and in how many seconds the next of
-- those left can be due: for an unfinished one its retention has yet to begin. Indexes: job_pkey, then each table's key.
WITH slice AS MATERIALIZED (
    SELECT j.id,
        CASE WHEN f.id IS NULL THEN clock_timestamp() + make_interval(days => j.retention_days)
            ELSE f.finished_at + make_interval(days => j.retention_days * CASE f.state WHEN 'dead' THEN 4 ELSE 1 END) END AS due_at
    FROM (SELECT r.id, r.retention_days FROM jobs.job r WHERE r.id > $1 AND r.id <= $3 ORDER BY r.id LIMIT $2) j
    LEFT JOIN jobs.finished f ON f.id = j.id
), due AS (
    SELECT s.id FROM slice s WHERE s.due_at < clock_timestamp()
), records AS (
    DELETE FROM jobs.job j USING due WHERE j.id = due.id
), ends AS (
    DELETE FROM jobs.finished f USING due WHERE f.id = due.id
), history AS (
    DELETE FROM jobs.attempts a USING due WHERE a.job_id = due.id
), progress AS (
    DELETE FROM jobs.progress p USING due WHERE p.job_id = due.id
), batches AS (
    -- A batch goes with the job that completed it.
    DELETE FROM jobs.batches b USING due WHERE b.completion_id = due.id
)
SELECT (SELECT id FROM slice ORDER BY id DESC LIMIT 1), (SELECT count(*) FROM due)::int, (SELECT count(*) FROM slice)::int,
    extract(epoch FROM (SELECT min(s.due_at) FROM slice s WHERE NOT EXISTS (SELECT FROM due WHERE due.id = s.id)) - clock_timestamp())::float8
