-- How the queues stood, minute by minute, for a week. The leader writes how full they are, every worker adds what it has ended.
-- Of the platform as a whole: nothing in here is a tenant's.
CREATE TABLE jobs.statistics (
    minute         timestamptz NOT NULL,
    queue          text        NOT NULL COLLATE "C",
    depth          bigint,
    running        bigint,
    oldest_seconds double precision,
    completed      bigint      NOT NULL DEFAULT 0,
    failed         bigint      NOT NULL DEFAULT 0,
    dead           bigint      NOT NULL DEFAULT 0,
    cancelled      bigint      NOT NULL DEFAULT 0,
    PRIMARY KEY (minute, queue)
) WITH (fillfactor = 70);

COMMENT ON COLUMN jobs.statistics.depth IS 'Null when nobody led in this minute.';

GRANT SELECT, INSERT, UPDATE, DELETE ON jobs.statistics TO platform_queue;

-- The queues over a window that ends now, in samples of a given length: peaks of what is a level, sums of what is counted. A
-- function, for the services have no table without tenants. Index: statistics_pkey, the window's part of it.
CREATE FUNCTION jobs.queue_statistics(time_window interval, step interval, only_queue text)
    RETURNS TABLE (
        queue text, at timestamptz, depth bigint, running bigint, oldest_seconds double precision,
        completed bigint, failed bigint, dead bigint, cancelled bigint)
    LANGUAGE sql
    STABLE
    SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    AS $$
        SELECT s.queue, date_bin(step, s.minute, timestamptz 'epoch') AS sample, max(s.depth), max(s.running), max(s.oldest_seconds),
            sum(s.completed)::bigint, sum(s.failed)::bigint, sum(s.dead)::bigint, sum(s.cancelled)::bigint
        FROM jobs.statistics s
        WHERE s.minute >= date_bin(step, now() - least(time_window, interval '7 days'), timestamptz 'epoch')
            AND (only_queue IS NULL OR s.queue = only_queue)
        GROUP BY s.queue, sample
        ORDER BY s.queue, sample
    $$;
REVOKE ALL ON FUNCTION jobs.queue_statistics(interval, interval, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION jobs.queue_statistics(interval, interval, text) TO platform_app, platform_queue;

-- Rebuilding an index of the hot table without being its owner: since Postgres 17 there is a privilege for it.
DO $$
BEGIN
    IF current_setting('server_version_num')::int >= 170000 THEN
        GRANT MAINTAIN ON jobs.pending TO platform_queue;
    END IF;
END $$;

-- What a rebuild leaves behind that was broken off: an index that nobody reads and every insert pays for. Only an owner may drop
-- it. The lock it needs is waited for a second at most, for everybody waits behind it.
CREATE FUNCTION jobs.drop_unfinished_indexes() RETURNS integer
    LANGUAGE plpgsql
    SECURITY DEFINER
    SET search_path = pg_catalog, pg_temp
    SET lock_timeout = '1s'
    AS $$
DECLARE
    name text;
    dropped integer := 0;
BEGIN
    FOR name IN
        SELECT c.relname FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
        WHERE i.indrelid = 'jobs.pending'::regclass AND NOT i.indisvalid AND c.relname ~ '_cc(new|old)[0-9]*$'
    LOOP
        EXECUTE format('DROP INDEX jobs.%I', name);
        dropped := dropped + 1;
    END LOOP;
    RETURN dropped;
END $$;
REVOKE ALL ON FUNCTION jobs.drop_unfinished_indexes() FROM PUBLIC;
GRANT EXECUTE ON FUNCTION jobs.drop_unfinished_indexes() TO platform_queue;
