-- The filters an inbox has: a contact, and what nobody has taken yet, in searches too; and a channel without a status.

CREATE INDEX conversations_channel_idx ON conversations (tenant_id, channel, updated_at DESC, id DESC);

-- Nothing called these yet.
DROP FUNCTION search_conversations(text, text, text, uuid, uuid, timestamptz, uuid, bigint, bigint);
DROP FUNCTION count_conversations(text, text, text, uuid, uuid, bigint);

-- As search_contacts (see 0006 for why and how), last changed first. A NULL filter is none.
-- Indexes: conversations_updated_idx, conversations_status_idx or conversations_contact_idx, then conversations_search_idx.
CREATE FUNCTION search_conversations(
    p_pattern text, p_status text, p_channel text, p_agent uuid, p_team uuid, p_contact uuid, p_unassigned boolean,
    p_before timestamptz, p_before_id uuid, p_skip bigint, p_take bigint)
    RETURNS SETOF conversations
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path = public, pg_temp SET plan_cache_mode = force_custom_plan
    AS $$
DECLARE
    tenant CONSTANT uuid := NULLIF(current_setting('app.tenant_id', true), '')::uuid;
    newest conversations[];
BEGIN
    SELECT array_agg(page) INTO newest FROM (
        SELECT c FROM (
            SELECT * FROM conversations
            WHERE tenant_id = tenant AND (p_status IS NULL OR status = p_status) AND (p_contact IS NULL OR contact_id = p_contact)
              AND (p_before IS NULL OR (updated_at, id) < (p_before, p_before_id))
            ORDER BY updated_at DESC, id DESC
            LIMIT 2000) AS c
        WHERE c.search LIKE p_pattern AND (p_channel IS NULL OR c.channel = p_channel)
          AND (p_agent IS NULL OR c.assigned_agent_id = p_agent) AND (p_team IS NULL OR c.assigned_team_id = p_team)
          AND (p_unassigned IS NOT TRUE OR c.assigned_agent_id IS NULL)
        OFFSET p_skip LIMIT p_take) AS found (page);
    IF COALESCE(cardinality(newest), 0) = p_take THEN
        RETURN QUERY SELECT * FROM unnest(newest);
    ELSE
        RETURN QUERY
            SELECT c.* FROM conversations c
            WHERE c.tenant_id = tenant AND c.search LIKE p_pattern
              AND (p_status IS NULL OR c.status = p_status) AND (p_channel IS NULL OR c.channel = p_channel)
              AND (p_agent IS NULL OR c.assigned_agent_id = p_agent) AND (p_team IS NULL OR c.assigned_team_id = p_team)
              AND (p_contact IS NULL OR c.contact_id = p_contact) AND (p_unassigned IS NOT TRUE OR c.assigned_agent_id IS NULL)
              AND (p_before IS NULL OR (c.updated_at, c.id) < (p_before, p_before_id))
            ORDER BY c.updated_at DESC, c.id DESC
            OFFSET p_skip LIMIT p_take;
    END IF;
END $$;

-- How many match, counting no further than p_limit. Index: conversations_search_idx.
CREATE FUNCTION count_conversations(
    p_pattern text, p_status text, p_channel text, p_agent uuid, p_team uuid, p_contact uuid, p_unassigned boolean, p_limit bigint)
    RETURNS bigint
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path = public, pg_temp SET plan_cache_mode = force_custom_plan
    AS $$
DECLARE
    tenant CONSTANT uuid := NULLIF(current_setting('app.tenant_id', true), '')::uuid;
BEGIN
    RETURN (
        SELECT count(*) FROM (
            SELECT FROM conversations c
            WHERE c.tenant_id = tenant AND c.search LIKE p_pattern
              AND (p_status IS NULL OR c.status = p_status) AND (p_channel IS NULL OR c.channel = p_channel)
              AND (p_agent IS NULL OR c.assigned_agent_id = p_agent) AND (p_team IS NULL OR c.assigned_team_id = p_team)
              AND (p_contact IS NULL OR c.contact_id = p_contact) AND (p_unassigned IS NOT TRUE OR c.assigned_agent_id IS NULL)
            LIMIT p_limit) AS matching);
END $$;

REVOKE ALL ON FUNCTION search_conversations(text, text, text, uuid, uuid, uuid, boolean, timestamptz, uuid, bigint, bigint) FROM PUBLIC;
REVOKE ALL ON FUNCTION count_conversations(text, text, text, uuid, uuid, uuid, boolean, bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION search_conversations(text, text, text, uuid, uuid, uuid, boolean, timestamptz, uuid, bigint, bigint) TO platform_app;
GRANT EXECUTE ON FUNCTION count_conversations(text, text, text, uuid, uuid, uuid, boolean, bigint) TO platform_app;
