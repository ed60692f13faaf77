-- What a tenant and its contacts say to each other.

CREATE TABLE conversations (
    tenant_id         uuid NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    id                uuid NOT NULL,
    contact_id        uuid,
    -- The contact's name, kept here for the list and its search; contacts_renamed below follows the contact.
    contact_name      text NOT NULL CHECK (char_length(contact_name) BETWEEN 1 AND 200),
    channel           text NOT NULL CHECK (channel IN ('whatsapp', 'email', 'web', 'sms')),
    status            text NOT NULL DEFAULT 'open' CHECK (status IN ('open', 'pending', 'resolved', 'closed')),
    subject           text NOT NULL DEFAULT '' CHECK (char_length(subject) <= 200),
    assigned_agent_id uuid,
    assigned_team_id  uuid,
    unread_count      integer NOT NULL DEFAULT 0 CHECK (unread_count >= 0),
    last_message      text CHECK (char_length(last_message) <= 200),
    last_message_at   timestamptz,
    created_at        timestamptz NOT NULL DEFAULT now(),
    updated_at        timestamptz NOT NULL DEFAULT now(),
    version           bigint NOT NULL DEFAULT 1,
    search            text NOT NULL GENERATED ALWAYS AS (lower(subject || ' ' || contact_name)) STORED,
    PRIMARY KEY (tenant_id, id),
    -- What was said outlives the contact, the agent and the team it was said with: it is the tenant's own record.
    FOREIGN KEY (tenant_id, contact_id) REFERENCES contacts (tenant_id, id) ON DELETE SET NULL (contact_id),
    FOREIGN KEY (tenant_id, assigned_agent_id) REFERENCES agents (tenant_id, user_id) ON DELETE SET NULL (assigned_agent_id),
    FOREIGN KEY (tenant_id, assigned_team_id) REFERENCES teams (tenant_id, id) ON DELETE SET NULL (assigned_team_id)
);
CREATE INDEX conversations_updated_idx ON conversations (tenant_id, updated_at DESC, id DESC);
CREATE INDEX conversations_status_idx ON conversations (tenant_id, status, updated_at DESC, id DESC);
CREATE INDEX conversations_contact_idx ON conversations (tenant_id, contact_id, updated_at DESC, id DESC);
CREATE INDEX conversations_agent_idx ON conversations (tenant_id, assigned_agent_id, status, updated_at DESC, id DESC);
CREATE INDEX conversations_team_idx ON conversations (tenant_id, assigned_team_id, status, updated_at DESC, id DESC);
CREATE INDEX conversations_search_idx ON conversations USING gin (tenant_id, search gin_trgm_ops);
CALL protect_tenant_table('conversations');
CALL open_to_owner('conversations');
GRANT SELECT, INSERT, UPDATE, DELETE ON conversations TO platform_app;

CREATE TABLE messages (
    tenant_id       uuid NOT NULL,
    id              uuid NOT NULL,
    conversation_id uuid NOT NULL,
    channel         text NOT NULL CHECK (channel IN ('whatsapp', 'email', 'web', 'sms')),
    direction       text NOT NULL CHECK (direction IN ('in', 'out')),
    -- The member who wrote an outgoing one. No foreign key: what was written stays when its author leaves, under a name.
    author_id       uuid,
    author_name     text NOT NULL CHECK (char_length(author_name) BETWEEN 1 AND 200),
    body            text NOT NULL CHECK (char_length(body) <= 8000),
    -- The channel's own id: a message that is delivered to us twice is stored once.
    external_id     text CHECK (char_length(external_id) BETWEEN 1 AND 200),
    status          text NOT NULL CHECK (status IN ('queued', 'sent', 'delivered', 'read', 'failed')),
    error           text CHECK (char_length(error) <= 1000),
    created_at      timestamptz NOT NULL DEFAULT now(),
    updated_at      timestamptz NOT NULL DEFAULT now(),
    version         bigint NOT NULL DEFAULT 1,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, conversation_id) REFERENCES conversations (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX messages_conversation_idx ON messages (tenant_id, conversation_id, created_at DESC, id DESC);
CREATE UNIQUE INDEX messages_external_key ON messages (tenant_id, channel, external_id) WHERE external_id IS NOT NULL;
-- Messages a month, for reports and usage.
CREATE INDEX messages_created_idx ON messages (tenant_id, created_at DESC, id DESC);
CALL protect_tenant_table('messages');
GRANT SELECT, INSERT, UPDATE, DELETE ON messages TO platform_app;

-- Only a real renaming comes here. The list's order stays; the version doesn't, for the conversation reads differently.
-- Index: conversations_contact_idx.
CREATE FUNCTION contacts_renamed() RETURNS trigger
    LANGUAGE plpgsql SET search_path = public, pg_temp
    AS $$
BEGIN
    UPDATE conversations SET contact_name = NEW.name, version = version + 1
    WHERE tenant_id = NEW.tenant_id AND contact_id = NEW.id;
    RETURN NULL;
END $$;
REVOKE ALL ON FUNCTION contacts_renamed() FROM PUBLIC;
CREATE TRIGGER contacts_renamed AFTER UPDATE OF name ON contacts
    FOR EACH ROW WHEN (OLD.name IS DISTINCT FROM NEW.name) EXECUTE FUNCTION contacts_renamed();

-- As search_contacts (see 0006 for why and how), last changed first. A NULL filter is none.
-- Indexes: conversations_updated_idx or conversations_status_idx, then conversations_search_idx.
CREATE FUNCTION search_conversations(
    p_pattern text, p_status text, p_channel text, p_agent uuid, p_team uuid,
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
            WHERE tenant_id = tenant AND (p_status IS NULL OR status = p_status)
              AND (p_before IS NULL OR (updated_at, id) < (p_before, p_before_id))
            ORDER BY updated_at DESC, id DESC
            LIMIT 2000) AS c
        WHERE c.search LIKE p_pattern AND (p_channel IS NULL OR c.channel = p_channel)
          AND (p_agent IS NULL OR c.assigned_agent_id = p_agent) AND (p_team IS NULL OR c.assigned_team_id = p_team)
        OFFSET p_skip LIMIT p_take) AS found (page);
    IF COALESCE(cardinality(newest), 0) = p_take THEN
        RETURN QUERY SELECT * FROM unnest(newest);
    ELSE
        RETURN QUERY
            SELECT c.* FROM conversations c
            WHERE c.tenant_id = tenant AND c.search LIKE p_pattern
              AND (p_status IS NULL OR c.status = p_status) AND (p_channel IS NULL OR c.channel = p_channel)
              AND (p_agent IS NULL OR c.assigned_agent_id = p_agent) AND (p_team IS NULL OR c.assigned_team_id = p_team)
              AND (p_before IS NULL OR (c.updated_at, c.id) < (p_before, p_before_id))
            ORDER BY c.updated_at DESC, c.id DESC
            OFFSET p_skip LIMIT p_take;
    END IF;
END $$;

-- How many match, counting no further than p_limit. Index: conversations_search_idx.
CREATE FUNCTION count_conversations(
    p_pattern text, p_status text, p_channel text, p_agent uuid, p_team uuid, p_limit bigint)
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
            LIMIT p_limit) AS matching);
END $$;

REVOKE ALL ON FUNCTION search_conversations(text, text, text, uuid, uuid, timestamptz, uuid, bigint, bigint) FROM PUBLIC;
REVOKE ALL ON FUNCTION count_conversations(text, text, text, uuid, uuid, bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION search_conversations(text, text, text, uuid, uuid, timestamptz, uuid, bigint, bigint) TO platform_app;
GRANT EXECUTE ON FUNCTION count_conversations(text, text, text, uuid, uuid, bigint) TO platform_app;
