-- Calls from other systems (sources and their events) and to them (endpoints and deliveries). All secrets are texts made
-- by SecretProtector.

CREATE TABLE webhook_sources (
    tenant_id       uuid NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    id              uuid NOT NULL,
    provider        text NOT NULL CHECK (provider IN ('meta', 'generic')),
    -- Part of the address others call, before any tenant is known: unique in the whole deployment, and made at random by the
    -- application, so that a collision tells nobody anything.
    slug            text NOT NULL UNIQUE CHECK (slug ~ '^[a-z0-9][a-z0-9-]{7,62}$'),
    name            text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 100),
    secret          text NOT NULL CHECK (char_length(secret) <= 4000),
    previous_secret text CHECK (char_length(previous_secret) <= 4000), -- still accepted while a new one is rolled out
    verify_token    text CHECK (char_length(verify_token) <= 4000),
    disabled_at     timestamptz,
    created_at      timestamptz NOT NULL DEFAULT now(),
    updated_at      timestamptz NOT NULL DEFAULT now(),
    version         bigint NOT NULL DEFAULT 1,
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX webhook_sources_created_idx ON webhook_sources (tenant_id, created_at DESC, id DESC);
CALL protect_tenant_table('webhook_sources');
CALL open_to_owner('webhook_sources');
GRANT SELECT, INSERT, UPDATE, DELETE ON webhook_sources TO platform_app;

-- Whose source an address is; nothing for one that is disabled or whose tenant is suspended.
-- Indexes: webhook_sources_slug_key, tenants_pkey.
CREATE FUNCTION find_webhook_source(p_provider text, p_slug text)
    RETURNS TABLE (tenant_id uuid, id uuid, secret text, previous_secret text, verify_token text)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
        SELECT s.tenant_id, s.id, s.secret, s.previous_secret, s.verify_token
        FROM webhook_sources s JOIN tenants t ON t.id = s.tenant_id
        WHERE s.slug = p_slug AND s.provider = p_provider AND s.disabled_at IS NULL AND t.suspended_at IS NULL
    $$;
REVOKE ALL ON FUNCTION find_webhook_source(text, text) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION find_webhook_source(text, text) TO platform_app;

CREATE TABLE webhook_events (
    tenant_id    uuid NOT NULL,
    id           uuid NOT NULL,
    source_id    uuid NOT NULL,
    -- The sender's id of the event, or a hash of its body where it has none: what comes again is taken once.
    external_id  text NOT NULL CHECK (char_length(external_id) BETWEEN 1 AND 200),
    payload      bytea NOT NULL CHECK (octet_length(payload) <= 1048576), -- the body as it came, not yet believed
    status       text NOT NULL DEFAULT 'received' CHECK (status IN ('received', 'processed', 'ignored', 'failed')),
    error        text CHECK (char_length(error) <= 1000),
    received_at  timestamptz NOT NULL DEFAULT now(),
    processed_at timestamptz,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, source_id) REFERENCES webhook_sources (tenant_id, id) ON DELETE CASCADE
);
CREATE UNIQUE INDEX webhook_events_external_key ON webhook_events (tenant_id, source_id, external_id);
CREATE INDEX webhook_events_received_idx ON webhook_events (tenant_id, received_at DESC, id DESC);
CREATE INDEX webhook_events_source_idx ON webhook_events (tenant_id, source_id, received_at DESC, id DESC);
CALL protect_tenant_table('webhook_events');
GRANT SELECT, INSERT, UPDATE, DELETE ON webhook_events TO platform_app;

CREATE TABLE webhook_endpoints (
    tenant_id       uuid NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    id              uuid NOT NULL,
    url             text NOT NULL CHECK (char_length(url) BETWEEN 1 AND 2000),
    description     text NOT NULL DEFAULT '' CHECK (char_length(description) <= 200),
    secret          text NOT NULL CHECK (char_length(secret) <= 4000),
    previous_secret text CHECK (char_length(previous_secret) <= 4000), -- signs as well while a new one is rolled out
    event_types     text[] NOT NULL CHECK (cardinality(event_types) BETWEEN 1 AND 50),
    failure_count   integer NOT NULL DEFAULT 0 CHECK (failure_count >= 0), -- in a row
    disabled_at     timestamptz,
    disabled_reason text CHECK (char_length(disabled_reason) <= 200),
    created_at      timestamptz NOT NULL DEFAULT now(),
    updated_at      timestamptz NOT NULL DEFAULT now(),
    version         bigint NOT NULL DEFAULT 1,
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX webhook_endpoints_created_idx ON webhook_endpoints (tenant_id, created_at DESC, id DESC);
CALL protect_tenant_table('webhook_endpoints');
GRANT SELECT, INSERT, UPDATE, DELETE ON webhook_endpoints TO platform_app;

CREATE TABLE webhook_deliveries (
    tenant_id       uuid NOT NULL,
    id              uuid NOT NULL,
    endpoint_id     uuid NOT NULL,
    event_id        uuid NOT NULL,
    event_type      text NOT NULL CHECK (char_length(event_type) BETWEEN 1 AND 100),
    payload         text NOT NULL CHECK (char_length(payload) <= 262144), -- the very text that is signed
    status          text NOT NULL DEFAULT 'pending' CHECK (status IN ('pending', 'delivered', 'failed', 'dropped')),
    attempts        integer NOT NULL DEFAULT 0 CHECK (attempts >= 0),
    response_status integer,
    response_body   text CHECK (char_length(response_body) <= 2000), -- its beginning
    error           text CHECK (char_length(error) <= 1000),
    duration_ms     integer CHECK (duration_ms >= 0),
    job_id          uuid,
    created_at      timestamptz NOT NULL DEFAULT now(),
    finished_at     timestamptz,
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, endpoint_id) REFERENCES webhook_endpoints (tenant_id, id) ON DELETE CASCADE
);
-- The same event goes to an endpoint once, whoever asks for it again.
CREATE UNIQUE INDEX webhook_deliveries_event_key ON webhook_deliveries (tenant_id, endpoint_id, event_id);
CREATE INDEX webhook_deliveries_created_idx ON webhook_deliveries (tenant_id, created_at DESC, id DESC);
CREATE INDEX webhook_deliveries_endpoint_idx ON webhook_deliveries (tenant_id, endpoint_id, created_at DESC, id DESC);
CALL protect_tenant_table('webhook_deliveries');
GRANT SELECT, INSERT, UPDATE, DELETE ON webhook_deliveries TO platform_app;
