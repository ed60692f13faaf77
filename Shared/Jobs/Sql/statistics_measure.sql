-- How many jobs wait and run in each queue, how long the oldest claimable one has waited, how many lanes are blocked. Kept for
-- the current minute. $1 the queues to measure even when they are empty. Says in how many seconds the next minute begins.
-- Index: none for jobs.pending, which is read from end to end once a minute; job_pkey for the few blocked lanes; statistics_pkey.
WITH waiting AS MATERIALIZED (
    SELECT p.queue, count(*) FILTER (WHERE p.worker IS NULL) AS depth, count(*) FILTER (WHERE p.worker IS NOT NULL) AS running,
        max(extract(epoch FROM now() - p.run_at)) FILTER (WHERE p.worker IS NULL AND p.wait = 0) AS oldest
    FROM jobs.pending p GROUP BY p.queue
), blocked AS MATERIALIZED (
    SELECT j.queue, count(*) AS lanes FROM jobs.blocked_lanes b JOIN jobs.job j ON j.id = b.job_id GROUP BY j.queue
), known AS (
    SELECT u.queue COLLATE "C" AS queue FROM unnest($1::text[]) AS u (queue)
    UNION SELECT queue FROM waiting
    UNION SELECT queue FROM blocked
), measured AS MATERIALIZED (
    SELECT k.queue, coalesce(w.depth, 0) AS depth, coalesce(w.running, 0) AS running,
        greatest(coalesce(w.oldest, 0), 0)::float8 AS oldest, coalesce(b.lanes, 0) AS lanes
    FROM known k LEFT JOIN waiting w ON w.queue = k.queue LEFT JOIN blocked b ON b.queue = k.queue
), kept AS (
    INSERT INTO jobs.statistics (minute, queue, depth, running, oldest_seconds)
    SELECT date_trunc('minute', now()), queue, depth, running, oldest FROM measured ORDER BY queue
    ON CONFLICT (minute, queue) DO UPDATE
    SET depth = excluded.depth, running = excluded.running, oldest_seconds = excluded.oldest_seconds
)
SELECT queue, depth, running, oldest, lanes, (60 - extract(second FROM clock_timestamp()))::float8 FROM measured
