-- What people need to look after the queue: searching, pausing tenants, batches, and operators' looks across tenants.
-- Nothing here reads a table from end to end; should a long transaction stand in the way, fail rather than make others wait.
SET LOCAL lock_timeout = '10s';

-- Owner functions below read these; nobody can sign in as the owner.
CREATE POLICY owner ON jobs.job FOR SELECT TO platform_owner USING (true);
CREATE POLICY owner ON jobs.pending FOR SELECT TO platform_owner USING (true);
CREATE POLICY owner ON jobs.finished FOR SELECT TO platform_owner USING (true);

ALTER TABLE jobs.workers ADD COLUMN heartbeat_at timestamptz;
ALTER TABLE jobs.finished ADD COLUMN worker integer;

-- Tenants of which nothing is claimed at present; an empty queue's name stands for all queues. All but always empty.
CREATE TABLE jobs.paused_tenants (
    tenant_id uuid        NOT NULL,
    queue     text        NOT NULL COLLATE "C",
    paused_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (tenant_id, queue)
);

-- How many members of a batch have ended, and how. A member brought back by hand opens it again; its completing job has
-- been let go by then, once, and stays as it is.
CREATE TABLE jobs.batches (
    id             uuid        NOT NULL PRIMARY KEY,
    tenant_id      uuid        NOT NULL,
    completion_id  uuid        NOT NULL UNIQUE,
    completion_seq bigint      NOT NULL,
    total          integer     NOT NULL,
    open           integer     NOT NULL,
    succeeded      integer     NOT NULL DEFAULT 0,
    dead           integer     NOT NULL DEFAULT 0,
    cancelled      integer     NOT NULL DEFAULT 0,
    created_at     timestamptz NOT NULL DEFAULT clock_timestamp(),
    cancelled_at   timestamptz,
    finished_at    timestamptz
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);

COMMENT ON COLUMN jobs.batches.dead IS 'Members that died, discarded ones included.';

-- Lets the completing job go in the very transaction that ends the last member: no crash can come between, and a job that
-- no longer waits can't be let go again. Index: pending_pkey.
CREATE FUNCTION jobs.complete_batch() RETURNS trigger
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
    AS $$
BEGIN
    UPDATE jobs.pending SET wait = 0, run_at = clock_timestamp() WHERE seq = NEW.completion_seq AND wait = 1;
    PERFORM pg_notify('jobs_ready', '');
    RETURN NULL;
END $$;
CREATE TRIGGER complete AFTER UPDATE OF open ON jobs.batches
    FOR EACH ROW WHEN (NEW.open = 0 AND OLD.open > 0) EXECUTE FUNCTION jobs.complete_batch();

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['paused_tenants', 'batches']
    LOOP
        EXECUTE format('ALTER TABLE jobs.%I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('ALTER TABLE jobs.%I FORCE ROW LEVEL SECURITY', name);
        EXECUTE format(
            'CREATE POLICY tenant ON jobs.%I TO platform_app
                USING (tenant_id = (SELECT NULLIF(current_setting(''app.tenant_id'', true), '''')::uuid))
                WITH CHECK (tenant_id = (SELECT NULLIF(current_setting(''app.tenant_id'', true), '''')::uuid))', name);
        EXECUTE format('CREATE POLICY engine ON jobs.%I TO platform_queue USING (true) WITH CHECK (true)', name);
    END LOOP;
END $$;

GRANT SELECT, INSERT, UPDATE, DELETE ON jobs.paused_tenants, jobs.batches TO platform_queue;
GRANT SELECT, INSERT, DELETE ON jobs.paused_tenants TO platform_app;
GRANT SELECT, INSERT, UPDATE (open, dead, cancelled, cancelled_at, finished_at) ON jobs.batches TO platform_app;
-- For a payload that is corrected by hand once its job has ended.
GRANT UPDATE (payload) ON jobs.job TO platform_app;

-- Searches. Newest first by id, which grows with time. Written so that they become part of the caller's query and plan: with a
-- tenant its index serves, without one the key; p_before and p_from bound the ids. Each looks at p_scan jobs at most and says
-- in "edge" where it stopped when these held fewer than p_limit: null when there are no more. Always gives a row, should it
-- be one without an id.
CREATE FUNCTION jobs.search(
    p_tenant uuid, p_queue text, p_type text, p_state text, p_from uuid, p_before uuid, p_limit integer, p_scan integer)
    RETURNS TABLE (id uuid, tenant_id uuid, type text, queue text, state text, attempts integer, max_attempts integer, lane text,
                   created_at timestamptz, started_at timestamptz, finished_at timestamptz, error text, edge uuid)
    LANGUAGE sql STABLE
    AS $$
        -- Indexes: job_tenant or job_pkey, then pending_pkey and finished_pkey for each.
        WITH found AS MATERIALIZED (
            SELECT j.id, j.tenant_id, j.type, j.queue, s.state, coalesce(f.attempt, p.attempt, 0)::int AS attempts,
                j.max_attempts::int AS max_attempts, j.lane, j.created_at, coalesce(f.started_at, p.started_at) AS started_at, f.finished_at, f.error
            FROM (
                SELECT a.* FROM jobs.job a
                WHERE (p_tenant IS NULL OR a.tenant_id = p_tenant) AND a.id >= p_from AND a.id < p_before
                ORDER BY a.id DESC LIMIT p_scan
            ) j
            LEFT JOIN jobs.pending p ON p.seq = j.seq
            LEFT JOIN jobs.finished f ON f.id = j.id
            CROSS JOIN LATERAL (
                SELECT CASE
                    WHEN f.id IS NOT NULL THEN f.state
                    WHEN p.worker IS NOT NULL THEN 'running'
                    WHEN p.attempt > 0 THEN 'retrying'
                    WHEN p.wait = 1 THEN 'scheduled'
                    ELSE 'available'
                END AS state
            ) s
            WHERE (p_queue IS NULL OR j.queue = p_queue) AND (p_type IS NULL OR j.type = p_type) AND (p_state IS NULL OR s.state = p_state)
            ORDER BY j.id DESC LIMIT p_limit
        ), stop AS (
            SELECT CASE WHEN (SELECT count(*) FROM found) < p_limit THEN (
                SELECT a.id FROM jobs.job a
                WHERE (p_tenant IS NULL OR a.tenant_id = p_tenant) AND a.id >= p_from AND a.id < p_before
                ORDER BY a.id DESC OFFSET p_scan - 1 LIMIT 1) END AS edge
        )
        SELECT found.id, found.tenant_id, found.type, found.queue, found.state, found.attempts, found.max_attempts, found.lane,
            found.created_at, found.started_at, found.finished_at, found.error, stop.edge
        FROM stop LEFT JOIN found ON true
        ORDER BY found.id DESC
    $$;

-- The same for p_state dead, failed or cancelled, which are few among the finished.
CREATE FUNCTION jobs.search_unsuccessful(
    p_tenant uuid, p_queue text, p_type text, p_state text, p_from uuid, p_before uuid, p_limit integer, p_scan integer)
    RETURNS TABLE (id uuid, tenant_id uuid, type text, queue text, state text, attempts integer, max_attempts integer, lane text,
                   created_at timestamptz, started_at timestamptz, finished_at timestamptz, error text, edge uuid)
    LANGUAGE sql STABLE
    AS $$
        -- Indexes: finished_unsuccessful_tenant or finished_unsuccessful, then job_pkey for each.
        WITH found AS MATERIALIZED (
            SELECT j.id, j.tenant_id, j.type, j.queue, f.state, f.attempt::int AS attempts,
                j.max_attempts::int AS max_attempts, j.lane, j.created_at, f.started_at, f.finished_at, f.error
            FROM (
                SELECT a.* FROM jobs.finished a
                WHERE a.state <> 'succeeded' AND (p_tenant IS NULL OR a.tenant_id = p_tenant) AND a.id >= p_from AND a.id < p_before
                ORDER BY a.id DESC LIMIT p_scan
            ) f
            JOIN jobs.job j ON j.id = f.id
            WHERE f.state = p_state AND (p_queue IS NULL OR j.queue = p_queue) AND (p_type IS NULL OR j.type = p_type)
            ORDER BY f.id DESC LIMIT p_limit
        ), stop AS (
            SELECT CASE WHEN (SELECT count(*) FROM found) < p_limit THEN (
                SELECT a.id FROM jobs.finished a
                WHERE a.state <> 'succeeded' AND (p_tenant IS NULL OR a.tenant_id = p_tenant) AND a.id >= p_from AND a.id < p_before
                ORDER BY a.id DESC OFFSET p_scan - 1 LIMIT 1) END AS edge
        )
        SELECT found.id, found.tenant_id, found.type, found.queue, found.state, found.attempts, found.max_attempts, found.lane,
            found.created_at, found.started_at, found.finished_at, found.error, stop.edge
        FROM stop LEFT JOIN found ON true
        ORDER BY found.id DESC
    $$;

-- Operators, who have no tenant. What shows a tenant's jobs or changes anything is noted first, by the function that notes all
-- operators do; figures of all tenants together aren't.
CREATE FUNCTION jobs.require_operator(p_operator uuid) RETURNS void
    LANGUAGE plpgsql STABLE SET search_path = public, pg_temp
    AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM public.users WHERE id = p_operator AND is_operator AND disabled_at IS NULL) THEN
        RAISE EXCEPTION 'not an operator' USING ERRCODE = 'insufficient_privilege';
    END IF;
END $$;

-- Whose job it is, before something is done with it; null when there is no such job. Index: job_pkey.
CREATE FUNCTION jobs.operator_find(p_operator uuid, p_job uuid, p_action text, p_now timestamptz) RETURNS uuid
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
DECLARE
    tenant uuid := (SELECT j.tenant_id FROM jobs.job j WHERE j.id = p_job);
BEGIN
    CALL public.operator_note(p_operator, p_action, p_job::text, jsonb_strip_nulls(jsonb_build_object('tenant', tenant)), p_now);
    RETURN tenant;
END $$;

-- The same for a batch. Index: batches_pkey.
CREATE POLICY owner ON jobs.batches FOR SELECT TO platform_owner USING (true);
CREATE FUNCTION jobs.operator_find_batch(p_operator uuid, p_batch uuid, p_action text, p_now timestamptz) RETURNS uuid
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
DECLARE
    tenant uuid := (SELECT b.tenant_id FROM jobs.batches b WHERE b.id = p_batch);
BEGIN
    CALL public.operator_note(p_operator, p_action, p_batch::text, jsonb_strip_nulls(jsonb_build_object('tenant', tenant)), p_now);
    RETURN tenant;
END $$;

-- Notes that a tenant's jobs are looked at or changed as a whole; false when there is no such tenant. Index: tenants_pkey.
CREATE FUNCTION jobs.operator_enter(p_operator uuid, p_tenant uuid, p_action text, p_now timestamptz) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
BEGIN
    CALL public.operator_note(p_operator, p_action, p_tenant::text, NULL, p_now);
    RETURN EXISTS (SELECT FROM public.tenants t WHERE t.id = p_tenant);
END $$;

-- Searches all tenants.
CREATE FUNCTION jobs.operator_search(
    p_operator uuid, p_queue text, p_type text, p_state text, p_from uuid, p_before uuid, p_limit integer, p_scan integer, p_now timestamptz)
    RETURNS TABLE (id uuid, tenant_id uuid, type text, queue text, state text, attempts integer, max_attempts integer, lane text,
                   created_at timestamptz, started_at timestamptz, finished_at timestamptz, error text, edge uuid)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
    SET plan_cache_mode = force_custom_plan SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off
    AS $$
BEGIN
    CALL public.operator_note(p_operator, 'jobs.search', NULL,
        jsonb_strip_nulls(jsonb_build_object('queue', p_queue, 'type', p_type, 'state', p_state)), p_now);
    IF p_state IN ('dead', 'failed', 'cancelled') THEN
        RETURN QUERY SELECT * FROM jobs.search_unsuccessful(NULL, p_queue, p_type, p_state, p_from, p_before, LEAST(p_limit, 51), LEAST(p_scan, 10000));
    ELSE
        RETURN QUERY SELECT * FROM jobs.search(NULL, p_queue, p_type, p_state, p_from, p_before, LEAST(p_limit, 51), LEAST(p_scan, 10000));
    END IF;
END $$;

-- How each queue stands over all tenants, counted to p_most. Index: pending_claim, by queue; pending_due for what waits for its time.
CREATE FUNCTION jobs.operator_queues(p_operator uuid, p_queues text[], p_most integer)
    RETURNS TABLE (queue text, waiting bigint, running bigint, scheduled bigint, oldest_seconds float8, paused_at timestamptz)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
BEGIN
    PERFORM jobs.require_operator(p_operator);
    RETURN QUERY
        SELECT q.name, c.waiting, c.running, coalesce(d.scheduled, 0), coalesce(extract(epoch FROM clock_timestamp() - c.oldest), 0)::float8, s.paused_at
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
        LEFT JOIN jobs.queues s ON s.name = q.name COLLATE "C"
        ORDER BY q.name;
END $$;

-- Which queues are paused for everybody; that much a tenant may know. Index: none, a row a queue that ever was paused.
CREATE FUNCTION jobs.paused_queues() RETURNS TABLE (queue text, paused_at timestamptz)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$ SELECT q.name, q.paused_at FROM jobs.queues q WHERE q.paused_at IS NOT NULL $$;

-- The workers with live or lately lost leases. Index: none, the table has a row a worker; what each runs is counted by one read
-- of the claimable jobs, of which p_most are looked at.
CREATE FUNCTION jobs.operator_workers(p_operator uuid, p_most integer)
    RETURNS TABLE (id integer, name text, queues text[], running bigint, registered_at timestamptz, heartbeat_at timestamptz, expires_at timestamptz)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
BEGIN
    PERFORM jobs.require_operator(p_operator);
    RETURN QUERY
        SELECT w.id, w.name, w.queues, coalesce(r.running, 0), w.registered_at, w.heartbeat_at, w.expires_at
        FROM (SELECT * FROM jobs.workers l ORDER BY l.id DESC LIMIT 200) w
        LEFT JOIN (
            SELECT a.worker, count(*) AS running
            FROM (SELECT p.worker FROM jobs.pending p WHERE p.wait = 0 LIMIT p_most) a WHERE a.worker IS NOT NULL GROUP BY a.worker
        ) r ON r.worker = w.id
        ORDER BY w.id;
END $$;

-- Pauses or resumes a queue for all tenants. Index: queues_pkey.
CREATE FUNCTION jobs.operator_pause(p_operator uuid, p_queue text, p_paused boolean, p_now timestamptz) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
BEGIN
    CALL public.operator_note(p_operator, CASE WHEN p_paused THEN 'jobs.pause' ELSE 'jobs.resume' END, p_queue, NULL, p_now);
    INSERT INTO jobs.queues (name, paused_at) VALUES (p_queue, CASE WHEN p_paused THEN clock_timestamp() END)
    ON CONFLICT (name) DO UPDATE SET paused_at = CASE WHEN p_paused THEN coalesce(queues.paused_at, clock_timestamp()) END;
    PERFORM pg_notify('jobs_ready', p_queue);
END $$;

REVOKE ALL ON FUNCTION jobs.require_operator(uuid) FROM PUBLIC;
REVOKE ALL ON FUNCTION jobs.operator_find(uuid, uuid, text, timestamptz) FROM PUBLIC;
REVOKE ALL ON FUNCTION jobs.operator_find_batch(uuid, uuid, text, timestamptz) FROM PUBLIC;
REVOKE ALL ON FUNCTION jobs.operator_enter(uuid, uuid, text, timestamptz) FROM PUBLIC;
REVOKE ALL ON FUNCTION jobs.operator_search(uuid, text, text, text, uuid, uuid, integer, integer, timestamptz) FROM PUBLIC;
REVOKE ALL ON FUNCTION jobs.paused_queues() FROM PUBLIC;
REVOKE ALL ON FUNCTION jobs.operator_queues(uuid, text[], integer) FROM PUBLIC;
REVOKE ALL ON FUNCTION jobs.operator_workers(uuid, integer) FROM PUBLIC;
REVOKE ALL ON FUNCTION jobs.operator_pause(uuid, text, boolean, timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION jobs.operator_find(uuid, uuid, text, timestamptz) TO platform_app;
GRANT EXECUTE ON FUNCTION jobs.operator_find_batch(uuid, uuid, text, timestamptz) TO platform_app;
GRANT EXECUTE ON FUNCTION jobs.operator_enter(uuid, uuid, text, timestamptz) TO platform_app;
GRANT EXECUTE ON FUNCTION jobs.operator_search(uuid, text, text, text, uuid, uuid, integer, integer, timestamptz) TO platform_app;
GRANT EXECUTE ON FUNCTION jobs.paused_queues() TO platform_app;
GRANT EXECUTE ON FUNCTION jobs.operator_queues(uuid, text[], integer) TO platform_app;
GRANT EXECUTE ON FUNCTION jobs.operator_workers(uuid, integer) TO platform_app;
GRANT EXECUTE ON FUNCTION jobs.operator_pause(uuid, text, boolean, timestamptz) TO platform_app;
