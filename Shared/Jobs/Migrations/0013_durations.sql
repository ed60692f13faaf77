-- How long jobs waited and ran, minute by minute: counts by bucket (DurationHistogram), which add up over workers and minutes as
-- percentiles don't. A bucket nothing fell into takes no place.
SET LOCAL lock_timeout = '10s';

ALTER TABLE jobs.statistics
    ADD COLUMN wait_buckets smallint[],
    ADD COLUMN wait_counts  bigint[],
    ADD COLUMN wait_seconds double precision NOT NULL DEFAULT 0,
    ADD COLUMN run_buckets  smallint[],
    ADD COLUMN run_counts   bigint[],
    ADD COLUMN run_seconds  double precision NOT NULL DEFAULT 0;
COMMENT ON COLUMN jobs.statistics.wait_seconds IS 'Together, for the mean.';

-- When the last run of a job might have begun: what it waited, a tenant's figures read in its history.
ALTER TABLE jobs.finished ADD COLUMN run_at timestamptz;
COMMENT ON COLUMN jobs.finished.run_at IS 'Null for a job that never ran, and for those ended by a release that did not keep it.';

-- Two histograms as one.
CREATE FUNCTION jobs.add_counts(p_buckets smallint[], p_counts bigint[], p_more_buckets smallint[], p_more_counts bigint[])
    RETURNS TABLE (buckets smallint[], counts bigint[])
    LANGUAGE sql IMMUTABLE SET search_path = pg_catalog, pg_temp
    AS $$
        SELECT array_agg(s.bucket ORDER BY s.bucket), array_agg(s.jobs ORDER BY s.bucket)
        FROM (
            SELECT u.bucket, sum(u.jobs)::bigint AS jobs
            FROM (SELECT * FROM unnest(p_buckets, p_counts) UNION ALL SELECT * FROM unnest(p_more_buckets, p_more_counts)) AS u (bucket, jobs)
            GROUP BY u.bucket
        ) s
    $$;

-- The histograms of the samples that jobs.queue_statistics gives. Index: statistics_pkey, the window's part of it.
CREATE FUNCTION jobs.queue_durations(time_window interval, step interval, only_queue text)
    RETURNS TABLE (queue text, at timestamptz, running boolean, buckets smallint[], counts bigint[], seconds double precision)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
        WITH minutes AS MATERIALIZED (
            SELECT s.queue, date_bin(step, s.minute, timestamptz 'epoch') AS sample, d.running, d.buckets, d.counts, d.seconds
            FROM jobs.statistics s
            CROSS JOIN LATERAL (VALUES
                (false, s.wait_buckets, s.wait_counts, s.wait_seconds), (true, s.run_buckets, s.run_counts, s.run_seconds)
            ) AS d (running, buckets, counts, seconds)
            WHERE s.minute >= date_bin(step, now() - least(time_window, interval '7 days'), timestamptz 'epoch')
                AND (only_queue IS NULL OR s.queue = only_queue) AND d.buckets IS NOT NULL
        ), counted AS (
            SELECT m.queue, m.sample, m.running, u.bucket, sum(u.jobs)::bigint AS jobs
            FROM minutes m CROSS JOIN LATERAL unnest(m.buckets, m.counts) AS u (bucket, jobs)
            GROUP BY m.queue, m.sample, m.running, u.bucket
        ), added AS (
            SELECT m.queue, m.sample, m.running, sum(m.seconds) AS seconds FROM minutes m GROUP BY m.queue, m.sample, m.running
        )
        SELECT queue, sample, running, array_agg(c.bucket ORDER BY c.bucket), array_agg(c.jobs ORDER BY c.bucket), max(a.seconds)
        FROM counted c JOIN added a USING (queue, sample, running)
        GROUP BY queue, sample, running
    $$;

REVOKE ALL ON FUNCTION jobs.add_counts(smallint[], bigint[], smallint[], bigint[]) FROM PUBLIC;
REVOKE ALL ON FUNCTION jobs.queue_durations(interval, interval, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION jobs.add_counts(smallint[], bigint[], smallint[], bigint[]) TO platform_queue;
GRANT EXECUTE ON FUNCTION jobs.queue_durations(interval, interval, text) TO platform_app, platform_queue;
