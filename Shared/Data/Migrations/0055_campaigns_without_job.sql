-- Campaigns that were scheduled, or had begun, before there were jobs that send them: nothing would ever send them. Ids only, of all
-- tenants; there are none once each has been given its job, and the index stays empty.
CREATE INDEX campaigns_without_job_idx ON campaigns (tenant_id, id) WHERE job_id IS NULL AND status IN ('scheduled', 'sending');
CALL open_to_owner('campaigns');

-- Index: campaigns_without_job_idx.
CREATE FUNCTION campaigns_without_job(p_limit integer)
    RETURNS TABLE (tenant_id uuid, id uuid)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
        SELECT c.tenant_id, c.id
        FROM campaigns c
        WHERE c.job_id IS NULL AND c.status IN ('scheduled', 'sending')
        ORDER BY c.tenant_id, c.id
        LIMIT LEAST(p_limit, 1000)
    $$;
REVOKE ALL ON FUNCTION campaigns_without_job(integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION campaigns_without_job(integer) TO platform_app;
