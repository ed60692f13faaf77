-- Rare text of a few letters. To the planner a short pattern matches many rows, so it hoped to fill a page from the newest soon and
-- read all of a large tenant's rows, or to count enough of them soon and read all tenants'. Now the matches are found first, behind a
-- barrier (OFFSET 0) that keeps the wish for a page out of the choice of the index, and no search reads a table from end to end.
--
-- The newest that are looked through before are more for a page further down, so that common text is still found there.

CREATE OR REPLACE FUNCTION search_contacts(p_pattern text, p_before timestamptz, p_before_id uuid, p_skip bigint, p_take bigint)
    RETURNS SETOF contacts
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path = public, pg_temp SET plan_cache_mode = force_custom_plan SET enable_seqscan = off
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
            LIMIT 2000 + 2 * p_skip) AS c
        WHERE c.search LIKE p_pattern
        OFFSET p_skip LIMIT p_take) AS found (page);
    IF COALESCE(cardinality(newest), 0) = p_take THEN
        RETURN QUERY SELECT * FROM unnest(newest);
    ELSE
        RETURN QUERY
            SELECT c.* FROM (
                SELECT * FROM contacts
                WHERE tenant_id = tenant AND search LIKE p_pattern
                  AND (p_before IS NULL OR (created_at, id) < (p_before, p_before_id))
                OFFSET 0) AS c
            ORDER BY c.created_at DESC, c.id DESC
            OFFSET p_skip LIMIT p_take;
    END IF;
END $$;

CREATE OR REPLACE FUNCTION search_events(
    p_pattern text, p_status text, p_professional uuid, p_contact uuid, p_from timestamptz, p_to timestamptz,
    p_before timestamptz, p_before_id uuid, p_skip bigint, p_take bigint)
    RETURNS SETOF events
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path = public, pg_temp SET plan_cache_mode = force_custom_plan SET enable_seqscan = off
    AS $$
DECLARE
    tenant CONSTANT uuid := NULLIF(current_setting('app.tenant_id', true), '')::uuid;
    newest events[];
BEGIN
    SELECT array_agg(page) INTO newest FROM (
        SELECT e FROM (
            SELECT * FROM events
            WHERE tenant_id = tenant
              AND (p_status IS NULL OR status = p_status) AND (p_professional IS NULL OR professional_id = p_professional)
              AND (p_contact IS NULL OR contact_id = p_contact)
              AND (p_from IS NULL OR starts_at >= p_from) AND (p_to IS NULL OR starts_at < p_to)
              AND (p_before IS NULL OR (starts_at, id) < (p_before, p_before_id))
            ORDER BY starts_at DESC, id DESC
            LIMIT 2000 + 2 * p_skip) AS e
        WHERE e.search LIKE p_pattern
        OFFSET p_skip LIMIT p_take) AS found (page);
    IF COALESCE(cardinality(newest), 0) = p_take THEN
        RETURN QUERY SELECT * FROM unnest(newest);
    ELSE
        RETURN QUERY
            SELECT e.* FROM (
                SELECT * FROM events
                WHERE tenant_id = tenant AND search LIKE p_pattern
                  AND (p_status IS NULL OR status = p_status) AND (p_professional IS NULL OR professional_id = p_professional)
                  AND (p_contact IS NULL OR contact_id = p_contact)
                  AND (p_from IS NULL OR starts_at >= p_from) AND (p_to IS NULL OR starts_at < p_to)
                  AND (p_before IS NULL OR (starts_at, id) < (p_before, p_before_id))
                OFFSET 0) AS e
            ORDER BY e.starts_at DESC, e.id DESC
            OFFSET p_skip LIMIT p_take;
    END IF;
END $$;

CREATE OR REPLACE FUNCTION search_conversations(
    p_pattern text, p_status text, p_channel text, p_agent uuid, p_team uuid, p_contact uuid, p_unassigned boolean,
    p_before timestamptz, p_before_id uuid, p_skip bigint, p_take bigint)
    RETURNS SETOF conversations
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path = public, pg_temp SET plan_cache_mode = force_custom_plan SET enable_seqscan = off
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
            LIMIT 2000 + 2 * p_skip) AS c
        WHERE c.search LIKE p_pattern AND (p_channel IS NULL OR c.channel = p_channel)
          AND (p_agent IS NULL OR c.assigned_agent_id = p_agent) AND (p_team IS NULL OR c.assigned_team_id = p_team)
          AND (p_unassigned IS NOT TRUE OR c.assigned_agent_id IS NULL)
        OFFSET p_skip LIMIT p_take) AS found (page);
    IF COALESCE(cardinality(newest), 0) = p_take THEN
        RETURN QUERY SELECT * FROM unnest(newest);
    ELSE
        RETURN QUERY
            SELECT c.* FROM (
                SELECT * FROM conversations
                WHERE tenant_id = tenant AND search LIKE p_pattern
                  AND (p_status IS NULL OR status = p_status) AND (p_channel IS NULL OR channel = p_channel)
                  AND (p_agent IS NULL OR assigned_agent_id = p_agent) AND (p_team IS NULL OR assigned_team_id = p_team)
                  AND (p_contact IS NULL OR contact_id = p_contact) AND (p_unassigned IS NOT TRUE OR assigned_agent_id IS NULL)
                  AND (p_before IS NULL OR (updated_at, id) < (p_before, p_before_id))
                OFFSET 0) AS c
            ORDER BY c.updated_at DESC, c.id DESC
            OFFSET p_skip LIMIT p_take;
    END IF;
END $$;

ALTER FUNCTION count_contacts(text, bigint) SET enable_seqscan = off;
ALTER FUNCTION count_events(text, text, uuid, uuid, timestamptz, timestamptz, bigint) SET enable_seqscan = off;
ALTER FUNCTION count_conversations(text, text, text, uuid, uuid, uuid, boolean, bigint) SET enable_seqscan = off;
ALTER FUNCTION count_audience(text, text, bigint) SET enable_seqscan = off;
