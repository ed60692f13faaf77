-- Who operates this installation and which tenants there are is its host's to say. Until now these functions asked tables of the platform
-- they were written for; now they ask three routines that a host replaces (CREATE OR REPLACE, as their owner). As made here nobody is
-- an operator, and every tenant exists.
SET LOCAL lock_timeout = '10s';

-- Whether somebody is an operator.
CREATE FUNCTION jobs.is_operator(p_operator uuid) RETURNS boolean
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
    AS $$ BEGIN RETURN false; END $$;

-- Notes what an operator is about to do; raises insufficient_privilege when it is none.
CREATE PROCEDURE jobs.note_operator(p_operator uuid, p_action text, p_subject text, p_detail jsonb, p_now timestamptz)
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
    AS $$ BEGIN RAISE EXCEPTION 'not an operator' USING ERRCODE = 'insufficient_privilege'; END $$;

-- Whether there is such a tenant.
CREATE FUNCTION jobs.has_tenant(p_tenant uuid) RETURNS boolean
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
    AS $$ BEGIN RETURN true; END $$;

REVOKE ALL ON FUNCTION jobs.is_operator(uuid) FROM PUBLIC;
REVOKE ALL ON PROCEDURE jobs.note_operator(uuid, text, text, jsonb, timestamptz) FROM PUBLIC;
REVOKE ALL ON FUNCTION jobs.has_tenant(uuid) FROM PUBLIC;

-- From here on as 0005 and 0008 made them, but for whom they ask.
CREATE OR REPLACE FUNCTION jobs.require_operator(p_operator uuid) RETURNS void
    LANGUAGE plpgsql STABLE SET search_path = pg_catalog, pg_temp
    AS $$
BEGIN
    IF NOT jobs.is_operator(p_operator) THEN
        RAISE EXCEPTION 'not an operator' USING ERRCODE = 'insufficient_privilege';
    END IF;
END $$;

CREATE OR REPLACE FUNCTION jobs.operator_find(p_operator uuid, p_job uuid, p_action text, p_now timestamptz) RETURNS uuid
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    tenant uuid := (SELECT j.tenant_id FROM jobs.job j WHERE j.id = p_job);
BEGIN
    CALL jobs.note_operator(p_operator, p_action, p_job::text, jsonb_strip_nulls(jsonb_build_object('tenant', tenant)), p_now);
    RETURN tenant;
END $$;

CREATE OR REPLACE FUNCTION jobs.operator_find_batch(p_operator uuid, p_batch uuid, p_action text, p_now timestamptz) RETURNS uuid
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
DECLARE
    tenant uuid := (SELECT b.tenant_id FROM jobs.batches b WHERE b.id = p_batch);
BEGIN
    CALL jobs.note_operator(p_operator, p_action, p_batch::text, jsonb_strip_nulls(jsonb_build_object('tenant', tenant)), p_now);
    RETURN tenant;
END $$;

CREATE OR REPLACE FUNCTION jobs.operator_enter(p_operator uuid, p_tenant uuid, p_action text, p_now timestamptz) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
BEGIN
    CALL jobs.note_operator(p_operator, p_action, p_tenant::text, NULL, p_now);
    RETURN jobs.has_tenant(p_tenant);
END $$;

CREATE OR REPLACE FUNCTION jobs.operator_search(
    p_operator uuid, p_queue text, p_type text, p_state text, p_from uuid, p_before uuid, p_limit integer, p_scan integer, p_now timestamptz)
    RETURNS TABLE (id uuid, tenant_id uuid, type text, queue text, state text, attempts integer, max_attempts integer, lane text,
                   created_at timestamptz, started_at timestamptz, finished_at timestamptz, error text, edge uuid)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    SET plan_cache_mode = force_custom_plan SET enable_hashjoin = off SET enable_mergejoin = off SET enable_seqscan = off
    AS $$
BEGIN
    CALL jobs.note_operator(p_operator, 'jobs.search', NULL,
        jsonb_strip_nulls(jsonb_build_object('queue', p_queue, 'type', p_type, 'state', p_state)), p_now);
    IF p_state IN ('dead', 'failed', 'cancelled') THEN
        RETURN QUERY SELECT * FROM jobs.search_unsuccessful(NULL, p_queue, p_type, p_state, p_from, p_before, LEAST(p_limit, 51), LEAST(p_scan, 10000));
    ELSE
        RETURN QUERY SELECT * FROM jobs.search(NULL, p_queue, p_type, p_state, p_from, p_before, LEAST(p_limit, 51), LEAST(p_scan, 10000));
    END IF;
END $$;

CREATE OR REPLACE FUNCTION jobs.operator_pause(p_operator uuid, p_queue text, p_paused boolean, p_now timestamptz) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
BEGIN
    CALL jobs.note_operator(p_operator, CASE WHEN p_paused THEN 'jobs.pause' ELSE 'jobs.resume' END, p_queue, NULL, p_now);
    INSERT INTO jobs.queues (name, paused_at) VALUES (p_queue, CASE WHEN p_paused THEN clock_timestamp() END)
    ON CONFLICT (name) DO UPDATE SET paused_at = CASE WHEN p_paused THEN coalesce(queues.paused_at, clock_timestamp()) END;
    PERFORM pg_notify('jobs_ready', p_queue);
END $$;

-- An operator's wish, noted; false when there is no such tenant. By itself for a tenant whose queue is in another database, where it is
-- carried out.
CREATE FUNCTION jobs.operator_note_limit(
    p_operator uuid, p_queue text, p_tenant uuid, p_permits integer, p_span interval, p_now timestamptz) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
BEGIN
    CALL jobs.note_operator(p_operator, CASE WHEN p_permits IS NULL THEN 'jobs.unlimit' ELSE 'jobs.limit' END, p_queue, jsonb_strip_nulls(
        jsonb_build_object('tenant', p_tenant, 'permits', p_permits, 'span_seconds', extract(epoch FROM p_span))), p_now);
    RETURN p_tenant IS NULL OR jobs.has_tenant(p_tenant);
END $$;

CREATE OR REPLACE FUNCTION jobs.operator_set_limit(
    p_operator uuid, p_queue text, p_tenant uuid, p_permits integer, p_span interval, p_now timestamptz) RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, pg_temp
    AS $$
BEGIN
    IF NOT jobs.operator_note_limit(p_operator, p_queue, p_tenant, p_permits, p_span, p_now) THEN
        RETURN false;
    END IF;
    PERFORM jobs.set_limit(p_queue, coalesce(p_tenant, '00000000-0000-0000-0000-000000000000'), p_permits, p_span);
    RETURN true;
END $$;

REVOKE ALL ON FUNCTION jobs.operator_note_limit(uuid, text, uuid, integer, interval, timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION jobs.operator_note_limit(uuid, text, uuid, integer, interval, timestamptz) TO platform_app;
