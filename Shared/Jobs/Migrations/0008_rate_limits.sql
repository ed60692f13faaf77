-- How many jobs of a queue may start in a span of time, of all tenants together or of one.
SET LOCAL lock_timeout = '10s';

-- A start counts for as long as the span: its permit comes back then. So no window of that length has more starts than permits,
-- wherever it begins, which a bucket that refills evenly couldn't say. Starts of the last span are kept as times and counts, those
-- within a 64th of the span as one, at the time of the last of them.
CREATE TABLE jobs.rate_limits (
    queue       text          NOT NULL COLLATE "C",
    tenant_id   uuid          NOT NULL,
    permits     integer       NOT NULL CHECK (permits BETWEEN 1 AND 1000000),
    span        interval      NOT NULL CHECK (span BETWEEN interval '100 milliseconds' AND interval '1 day'),
    recent_at   timestamptz[] NOT NULL DEFAULT '{}',
    recent_jobs integer[]     NOT NULL DEFAULT '{}',
    PRIMARY KEY (queue, tenant_id)
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);
COMMENT ON COLUMN jobs.rate_limits.tenant_id IS 'All zeros for the queue as a whole.';

ALTER TABLE jobs.rate_limits ENABLE ROW LEVEL SECURITY;
ALTER TABLE jobs.rate_limits FORCE ROW LEVEL SECURITY;
CREATE POLICY engine ON jobs.rate_limits TO platform_queue USING (true) WITH CHECK (true);
CREATE POLICY owner ON jobs.rate_limits TO platform_owner USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE, DELETE ON jobs.rate_limits TO platform_queue;

-- Read by each claim together with paused_at, so that one that hasn't heard of a limit yet leaves the queue alone. (Workers of
-- the release before go on without: set limits when they have gone.)
ALTER TABLE jobs.queues ADD COLUMN limited boolean NOT NULL DEFAULT false;

-- How many jobs may start now; null when there is no limit. Index: rate_limits_pkey.
CREATE FUNCTION jobs.free_permits(p_queue text, p_tenant uuid) RETURNS integer
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
    AS $$
        SELECT greatest(0, l.permits - coalesce((
            SELECT sum(r.jobs) FROM unnest(l.recent_at, l.recent_jobs) AS r (at, jobs) WHERE r.at > clock_timestamp() - l.span), 0))::integer
        FROM jobs.rate_limits l
        WHERE l.queue = p_queue COLLATE "C" AND l.tenant_id = p_tenant
    $$;

-- The starts of the last span with some more.
CREATE FUNCTION jobs.add_starts(p_at timestamptz[], p_jobs integer[], p_span interval, p_now timestamptz, p_more integer)
    RETURNS TABLE (recent_at timestamptz[], recent_jobs integer[])
    LANGUAGE sql STABLE SET search_path = pg_catalog, pg_temp
    AS $$
        SELECT array_agg(s.at ORDER BY s.at), array_agg(s.jobs ORDER BY s.at)
        FROM (
            SELECT max(r.at) AS at, sum(r.jobs)::integer AS jobs
            FROM (SELECT * FROM unnest(p_at, p_jobs) AS u (at, jobs) UNION ALL SELECT p_now, p_more) AS r
            WHERE r.at > p_now - p_span
            GROUP BY floor(extract(epoch FROM r.at) / extract(epoch FROM p_span) * 64)
        ) s
    $$;

-- Sets a limit, or lifts it when there are no permits given. What has started in the last span counts on if it was limited before.
-- Indexes: queues_pkey, rate_limits_pkey.
CREATE FUNCTION jobs.set_limit(p_queue text, p_tenant uuid, p_permits integer, p_span interval) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
    AS $$
BEGIN
    -- One after the other, so that the mark is right.
    INSERT INTO jobs.queues (name, limited) VALUES (p_queue, p_permits IS NOT NULL)
    ON CONFLICT (name) DO UPDATE SET limited = queues.limited OR EXCLUDED.limited;
    IF p_permits IS NULL THEN
        DELETE FROM jobs.rate_limits l WHERE l.queue = p_queue COLLATE "C" AND l.tenant_id = p_tenant;
        UPDATE jobs.queues q SET limited = EXISTS (SELECT FROM jobs.rate_limits l WHERE l.queue = p_queue COLLATE "C")
        WHERE q.name = p_queue COLLATE "C";
    ELSE
        INSERT INTO jobs.rate_limits (queue, tenant_id, permits, span) VALUES (p_queue, p_tenant, p_permits, p_span)
        ON CONFLICT (queue, tenant_id) DO UPDATE SET permits = EXCLUDED.permits, span = EXCLUDED.span;
    END IF;
    PERFORM pg_notify('jobs_rules', p_queue);
END $$;

-- The limits that concern the current tenant: its own, and those of queues, of which it isn't told how far others have used them up.
-- Index: rate_limits_pkey for each queue.
CREATE FUNCTION jobs.queue_limits(p_queues text[])
    RETURNS TABLE (queue text, tenant_id uuid, permits integer, span_seconds float8, free integer)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
        SELECT l.queue, nullif(l.tenant_id, '00000000-0000-0000-0000-000000000000'), l.permits, extract(epoch FROM l.span)::float8,
            CASE WHEN l.tenant_id <> '00000000-0000-0000-0000-000000000000' THEN jobs.free_permits(l.queue, l.tenant_id) END
        FROM unnest(p_queues) AS q (name)
        JOIN jobs.rate_limits l ON l.queue = q.name COLLATE "C"
            AND l.tenant_id IN ('00000000-0000-0000-0000-000000000000', NULLIF(current_setting('app.tenant_id', true), '')::uuid)
        ORDER BY l.queue, l.tenant_id
    $$;

-- The same for operators: of each queue its own and the first p_most tenants'.
CREATE FUNCTION jobs.operator_limits(p_operator uuid, p_queues text[], p_most integer)
    RETURNS TABLE (queue text, tenant_id uuid, permits integer, span_seconds float8, free integer)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
BEGIN
    PERFORM jobs.require_operator(p_operator);
    RETURN QUERY
        SELECT l.queue, nullif(l.tenant_id, '00000000-0000-0000-0000-000000000000'), l.permits, extract(epoch FROM l.span)::float8,
            jobs.free_permits(l.queue, l.tenant_id)
        FROM unnest(p_queues) AS q (name)
        CROSS JOIN LATERAL (
            SELECT a.* FROM jobs.rate_limits a WHERE a.queue = q.name COLLATE "C" ORDER BY a.tenant_id LIMIT least(p_most, 1000) + 1
        ) l
        ORDER BY l.queue, l.tenant_id;
END $$;

-- An operator's wish; it is noted first. False when there is no such tenant. Index: tenants_pkey.
CREATE FUNCTION jobs.operator_set_limit(
    p_operator uuid, p_queue text, p_tenant uuid, p_permits integer, p_span interval, p_now timestamptz) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
BEGIN
    CALL public.operator_note(p_operator, CASE WHEN p_permits IS NULL THEN 'jobs.unlimit' ELSE 'jobs.limit' END, p_queue, jsonb_strip_nulls(
        jsonb_build_object('tenant', p_tenant, 'permits', p_permits, 'span_seconds', extract(epoch FROM p_span))), p_now);
    IF p_tenant IS NOT NULL AND NOT EXISTS (SELECT FROM public.tenants t WHERE t.id = p_tenant) THEN
        RETURN false;
    END IF;
    PERFORM jobs.set_limit(p_queue, coalesce(p_tenant, '00000000-0000-0000-0000-000000000000'), p_permits, p_span);
    RETURN true;
END $$;

REVOKE ALL ON FUNCTION jobs.free_permits(text, uuid) FROM PUBLIC;
REVOKE ALL ON FUNCTION jobs.add_starts(timestamptz[], integer[], interval, timestamptz, integer) FROM PUBLIC;
REVOKE ALL ON FUNCTION jobs.set_limit(text, uuid, integer, interval) FROM PUBLIC;
REVOKE ALL ON FUNCTION jobs.queue_limits(text[]) FROM PUBLIC;
REVOKE ALL ON FUNCTION jobs.operator_limits(uuid, text[], integer) FROM PUBLIC;
REVOKE ALL ON FUNCTION jobs.operator_set_limit(uuid, text, uuid, integer, interval, timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION jobs.free_permits(text, uuid) TO platform_queue;
GRANT EXECUTE ON FUNCTION jobs.add_starts(timestamptz[], integer[], interval, timestamptz, integer) TO platform_queue;
GRANT EXECUTE ON FUNCTION jobs.set_limit(text, uuid, integer, interval) TO platform_queue;
GRANT EXECUTE ON FUNCTION jobs.queue_limits(text[]) TO platform_app;
GRANT EXECUTE ON FUNCTION jobs.operator_limits(uuid, text[], integer) TO platform_app;
GRANT EXECUTE ON FUNCTION jobs.operator_set_limit(uuid, text, uuid, integer, interval, timestamptz) TO platform_app;
