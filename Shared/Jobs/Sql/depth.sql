-- How many jobs wait in each queue and how long the oldest claimable one has. Index: none, a full read; once a minute at most.
SELECT queue, count(*) FILTER (WHERE worker IS NULL), count(*) FILTER (WHERE worker IS NOT NULL),
    coalesce(max(extract(epoch FROM clock_timestamp() - run_at)) FILTER (WHERE worker IS NULL AND wait = 0), 0)::float8
FROM jobs.pending GROUP BY queue
