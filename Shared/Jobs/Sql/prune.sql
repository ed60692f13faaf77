-- Deletes finished jobs whose retention is over, oldest first, a slice at a time. UUIDv7 ids grow with time, so job_pkey
-- read from $1 on gives the oldest records without an index of their own. Dead jobs are kept four times as long.
-- Answers the last id looked at, null at the end of what can be due. Indexes: job_pkey, then each table's key.
WITH slice AS MATERIALIZED (
    SELECT j.id, j.retention_days FROM jobs.job j WHERE j.id > $1 ORDER BY j.id LIMIT $2
), due AS (
    SELECT s.id FROM slice s JOIN jobs.finished f ON f.id = s.id
    WHERE f.finished_at < clock_timestamp() - make_interval(days => s.retention_days * CASE f.state WHEN 'dead' THEN 4 ELSE 1 END)
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
SELECT (SELECT id FROM slice ORDER BY id DESC LIMIT 1), (SELECT count(*) FROM due)::int,
    (SELECT count(*) FROM slice)::int
