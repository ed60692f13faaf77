-- Adds what a worker has ended to the current minute. In the queues' order, so that two workers never wait for each other.
-- Index: statistics_pkey.
INSERT INTO jobs.statistics AS s (minute, queue, completed, failed, dead, cancelled)
SELECT date_trunc('minute', now()), u.queue, u.completed, u.failed, u.dead, u.cancelled
FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[]) AS u (queue, completed, failed, dead, cancelled)
ORDER BY u.queue COLLATE "C"
ON CONFLICT (minute, queue) DO UPDATE
SET completed = s.completed + excluded.completed, failed = s.failed + excluded.failed,
    dead = s.dead + excluded.dead, cancelled = s.cancelled + excluded.cancelled
