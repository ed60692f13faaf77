-- Searching contacts by any part of name, e-mail or phone.
--
-- LIKE isn't leakproof: under row-level security the planner may not use it on an index, because it could be shown rows
-- the policy hides. So this one query runs as platform_owner, with the tenant as its first condition and nothing of the
-- caller's in it but a pattern that is compared. Without a tenant the condition is NULL and there are no rows.
CALL open_to_owner('contacts');

-- The planner can't estimate a pattern here either, and would read every match of a common one to sort them. So the
-- newest contacts are looked through first (contacts_created_idx): common text fills the page from them. Only rare text
-- goes to contacts_search_idx, and then there isn't much to sort.
CREATE FUNCTION search_contacts(p_pattern text, p_before timestamptz, p_before_id uuid, p_skip bigint, p_take bigint)
    RETURNS SETOF contacts
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path = public, pg_temp SET plan_cache_mode = force_custom_plan
    AS $$
DECLARE
    tenant CONSTANT uuid := NULLIF(current_setting('app.tenant_id', true), '')::uuid;
    newest contacts[];
BEGIN
    SELECT array_agg(page) INTO newest FROM (
        SELECT c FROM (
            SELECT * FROM contacts
            WHERE tenant_id = tenant AND (p_before IS NULL OR (created_at, id) < (p_before, p_before_id))
            ORDER BY created_at DESC, id DESC
            LIMIT 2000) AS c
        WHERE c.search LIKE p_pattern
        OFFSET p_skip LIMIT p_take) AS found (page);
    IF COALESCE(cardinality(newest), 0) = p_take THEN
        RETURN QUERY SELECT * FROM unnest(newest);
    ELSE
        RETURN QUERY
            SELECT c.* FROM contacts c
            WHERE c.tenant_id = tenant AND c.search LIKE p_pattern
              AND (p_before IS NULL OR (c.created_at, c.id) < (p_before, p_before_id))
            ORDER BY c.created_at DESC, c.id DESC
            OFFSET p_skip LIMIT p_take;
    END IF;
END $$;

-- How many match, counting no further than p_limit. Index: contacts_search_idx.
CREATE FUNCTION count_contacts(p_pattern text, p_limit bigint)
    RETURNS bigint
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path = public, pg_temp SET plan_cache_mode = force_custom_plan
    AS $$
DECLARE
    tenant CONSTANT uuid := NULLIF(current_setting('app.tenant_id', true), '')::uuid;
BEGIN
    RETURN (
        SELECT count(*) FROM (
            SELECT FROM contacts c WHERE c.tenant_id = tenant AND c.search LIKE p_pattern LIMIT p_limit) AS matching);
END $$;

REVOKE ALL ON FUNCTION search_contacts(text, timestamptz, uuid, bigint, bigint) FROM PUBLIC;
REVOKE ALL ON FUNCTION count_contacts(text, bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION search_contacts(text, timestamptz, uuid, bigint, bigint) TO platform_app;
GRANT EXECUTE ON FUNCTION count_contacts(text, bigint) TO platform_app;
