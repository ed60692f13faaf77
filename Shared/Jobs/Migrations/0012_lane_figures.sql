-- As 0005 made it, and what stands still in lanes. New columns stand last: an Api of the release before reads the others.
-- Indexes: as there; pending_lane, then blocked_lanes whole (a row a blocked lane) with job_pkey.
CREATE POLICY owner ON jobs.blocked_lanes FOR SELECT TO platform_owner USING (true);

DROP FUNCTION jobs.operator_queues(uuid, text[], integer);

CREATE FUNCTION jobs.operator_queues(p_operator uuid, p_queues text[], p_most integer)
    RETURNS TABLE (
        queue text, waiting bigint, running bigint, scheduled bigint, oldest_seconds float8, paused_at timestamptz, in_lanes bigint,
        blocked_lanes bigint)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
BEGIN
    PERFORM jobs.require_operator(p_operator);
    RETURN QUERY
        SELECT q.name, c.waiting, c.running, coalesce(d.scheduled, 0), coalesce(extract(epoch FROM clock_timestamp() - c.oldest), 0)::float8,
            s.paused_at, coalesce(l.in_lanes, 0), coalesce(b.blocked, 0)
        FROM unnest(p_queues) AS q (name)
        CROSS JOIN LATERAL (
            SELECT count(*) FILTER (WHERE a.worker IS NULL) AS waiting, count(a.worker) AS running,
                min(a.run_at) FILTER (WHERE a.worker IS NULL) AS oldest
            FROM (SELECT p.worker, p.run_at FROM jobs.pending p WHERE p.queue = q.name COLLATE "C" AND p.wait = 0 LIMIT p_most) a
        ) c
        LEFT JOIN (
            SELECT a.queue, count(*) AS scheduled
            FROM (SELECT p.queue FROM jobs.pending p WHERE p.wait = 1 ORDER BY p.run_at LIMIT p_most) a GROUP BY a.queue
        ) d ON d.queue = q.name COLLATE "C"
        LEFT JOIN (
            SELECT a.queue, count(*) AS in_lanes
            FROM (SELECT p.queue FROM jobs.pending p WHERE p.lane IS NOT NULL AND p.wait = 2 LIMIT p_most) a GROUP BY a.queue
        ) l ON l.queue = q.name COLLATE "C"
        LEFT JOIN (
            SELECT j.queue, count(*) AS blocked
            FROM (SELECT k.job_id FROM jobs.blocked_lanes k LIMIT p_most) a JOIN jobs.job j ON j.id = a.job_id GROUP BY j.queue
        ) b ON b.queue = q.name COLLATE "C"
        LEFT JOIN jobs.queues s ON s.name = q.name COLLATE "C"
        ORDER BY q.name;
END $$;

REVOKE ALL ON FUNCTION jobs.operator_queues(uuid, text[], integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION jobs.operator_queues(uuid, text[], integer) TO platform_app;
