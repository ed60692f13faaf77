-- Adds what a worker has ended ($1 queues, $2 to $5 how many) and how long jobs waited and ran to the current minute: $6 seconds waited
-- and $7 run in each queue; $8 queue, $9 whether it ran, $10 bucket and $11 how many. In the queues' order, so that two workers never
-- wait for each other. Index: statistics_pkey.
WITH times AS (
    SELECT u.queue,
        array_agg(u.bucket) FILTER (WHERE NOT u.ran) AS wait_buckets, array_agg(u.jobs) FILTER (WHERE NOT u.ran) AS wait_counts,
        array_agg(u.bucket) FILTER (WHERE u.ran) AS run_buckets, array_agg(u.jobs) FILTER (WHERE u.ran) AS run_counts
    FROM unnest($8::text[], $9::boolean[], $10::smallint[], $11::bigint[]) AS u (queue, ran, bucket, jobs)
    GROUP BY u.queue
)
INSERT INTO jobs.statistics AS s (
    minute, queue, completed, failed, dead, cancelled, wait_seconds, run_seconds, wait_buckets, wait_counts, run_buckets, run_counts)
SELECT date_trunc('minute', now()), u.queue, u.completed, u.failed, u.dead, u.cancelled, u.waited, u.ran,
    t.wait_buckets, t.wait_counts, t.run_buckets, t.run_counts
FROM unnest($1::text[], $2::bigint[], $3::bigint[], $4::bigint[], $5::bigint[], $6::float8[], $7::float8[])
    AS u (queue, completed, failed, dead, cancelled, waited, ran)
LEFT JOIN times t ON t.queue = u.queue
ORDER BY u.queue COLLATE "C"
ON CONFLICT (minute, queue) DO UPDATE
SET completed = s.completed + excluded.completed, failed = s.failed + excluded.failed,
    dead = s.dead + excluded.dead, cancelled = s.cancelled + excluded.cancelled,
    wait_seconds = s.wait_seconds + excluded.wait_seconds, run_seconds = s.run_seconds + excluded.run_seconds,
    (wait_buckets, wait_counts) = (
        SELECT a.buckets, a.counts FROM jobs.add_counts(s.wait_buckets, s.wait_counts, excluded.wait_buckets, excluded.wait_counts) a),
    (run_buckets, run_counts) = (
        SELECT a.buckets, a.counts FROM jobs.add_counts(s.run_buckets, s.run_counts, excluded.run_buckets, excluded.run_counts) a)
