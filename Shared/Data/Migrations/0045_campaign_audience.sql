-- How many contacts a campaign would reach, counting no further than p_limit. A NULL pattern is everybody; who has no address
-- that the channel needs is nobody. As owner for the reason 0006 gives. Indexes: contacts_search_idx, else contacts_created_idx.
CREATE FUNCTION count_audience(p_pattern text, p_channel text, p_limit bigint)
    RETURNS bigint
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path = public, pg_temp SET plan_cache_mode = force_custom_plan
    AS $$
DECLARE
    tenant CONSTANT uuid := NULLIF(current_setting('app.tenant_id', true), '')::uuid;
BEGIN
    RETURN (
        SELECT count(*) FROM (
            SELECT FROM contacts c
            WHERE c.tenant_id = tenant AND (p_pattern IS NULL OR c.search LIKE p_pattern)
              AND (p_channel <> 'email' OR c.email IS NOT NULL)
              AND (p_channel NOT IN ('sms', 'whatsapp') OR c.phone IS NOT NULL)
            LIMIT p_limit) AS reached);
END $$;
REVOKE ALL ON FUNCTION count_audience(text, text, bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION count_audience(text, text, bigint) TO platform_app;
