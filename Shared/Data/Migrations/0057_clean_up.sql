-- What deletes what is over. Tenants' rows are deleted tenant by tenant under the policies; only what the services can't reach
-- goes through functions, and those delete nothing that is still of use, whatever they are asked for.

-- Which tenants this database has, and how many come from here on. Ids only. Index: tenants_pkey.
CREATE FUNCTION clean_up_tenants(p_after uuid, p_limit integer)
    RETURNS TABLE (id uuid, remaining bigint)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
        SELECT t.id, count(*) OVER ()
        FROM tenants t
        WHERE p_after IS NULL OR t.id > p_after
        ORDER BY t.id
        LIMIT LEAST(p_limit, 1000)
    $$;

-- Refresh tokens past their end. A used one is kept until then: its second use must be noticed.
-- Index: refresh_tokens_expiry_idx.
CREATE FUNCTION clean_up_refresh_tokens(p_keep interval, p_limit integer)
    RETURNS bigint
    LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
        WITH gone AS (
            DELETE FROM refresh_tokens WHERE id IN (
                SELECT id FROM refresh_tokens
                WHERE expires_at < now() - GREATEST(p_keep, interval '0')
                ORDER BY expires_at LIMIT LEAST(p_limit, 10000))
            RETURNING 1)
        SELECT count(*) FROM gone
    $$;

-- The current tenant's audit log; the services can only add to it otherwise. What is younger than 30 days stays, so that nobody
-- who took over a service can remove the traces of it. Index: audit_log_at_idx.
CREATE FUNCTION clean_up_audit_log(p_keep interval, p_limit integer)
    RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
DECLARE
    tenant CONSTANT uuid := NULLIF(current_setting('app.tenant_id', true), '')::uuid;
    removed bigint;
BEGIN
    DELETE FROM audit_log a USING (
        SELECT id FROM audit_log
        WHERE tenant_id = tenant AND at < now() - GREATEST(p_keep, interval '30 days')
        ORDER BY at LIMIT LEAST(p_limit, 10000)) AS old
    WHERE a.tenant_id = tenant AND a.id = old.id;
    GET DIAGNOSTICS removed = ROW_COUNT;
    RETURN removed;
END $$;

-- As the one before, of what operators did. Index: operator_audit_at_idx.
CREATE FUNCTION clean_up_operator_audit(p_keep interval, p_limit integer)
    RETURNS bigint
    LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
        WITH gone AS (
            DELETE FROM operator_audit WHERE id IN (
                SELECT id FROM operator_audit
                WHERE at < now() - GREATEST(p_keep, interval '30 days')
                ORDER BY at LIMIT LEAST(p_limit, 10000))
            RETURNING 1)
        SELECT count(*) FROM gone
    $$;

REVOKE ALL ON FUNCTION clean_up_tenants(uuid, integer) FROM PUBLIC;
REVOKE ALL ON FUNCTION clean_up_refresh_tokens(interval, integer) FROM PUBLIC;
REVOKE ALL ON FUNCTION clean_up_audit_log(interval, integer) FROM PUBLIC;
REVOKE ALL ON FUNCTION clean_up_operator_audit(interval, integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION clean_up_tenants(uuid, integer) TO platform_app;
GRANT EXECUTE ON FUNCTION clean_up_refresh_tokens(interval, integer) TO platform_app;
GRANT EXECUTE ON FUNCTION clean_up_audit_log(interval, integer) TO platform_app;
GRANT EXECUTE ON FUNCTION clean_up_operator_audit(interval, integer) TO platform_app;

-- The oldest of a tenant, whoever's they are.
CREATE INDEX notifications_age_idx ON notifications (tenant_id, created_at);
