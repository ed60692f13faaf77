-- People a tenant talks to.

CREATE EXTENSION IF NOT EXISTS pg_trgm;
CREATE EXTENSION IF NOT EXISTS btree_gin;

CREATE TABLE contacts (
    tenant_id  uuid NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    id         uuid NOT NULL,
    name       text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 200),
    email      text CHECK (char_length(email) BETWEEN 3 AND 254),
    -- What makes an address the same one. A column, not an expression in the index: lower() isn't leak-proof, so under
    -- row-level security no query could use such an index.
    email_key  text GENERATED ALWAYS AS (lower(email)) STORED,
    phone      text CHECK (phone ~ '^\+?[0-9]{7,15}$'),
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    version    bigint NOT NULL DEFAULT 1,
    search     text NOT NULL GENERATED ALWAYS AS
                   (lower(name || ' ' || COALESCE(email, '') || ' ' || COALESCE(phone, ''))) STORED,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT contacts_reachable CHECK (email IS NOT NULL OR phone IS NOT NULL)
);
CREATE UNIQUE INDEX contacts_email_key ON contacts (tenant_id, email_key) WHERE email_key IS NOT NULL;
CREATE UNIQUE INDEX contacts_phone_key ON contacts (tenant_id, phone) WHERE phone IS NOT NULL;
CREATE INDEX contacts_created_idx ON contacts (tenant_id, created_at DESC, id DESC);
CREATE INDEX contacts_search_idx ON contacts USING gin (tenant_id, search gin_trgm_ops);

CALL protect_tenant_table('contacts');
GRANT SELECT, INSERT, UPDATE, DELETE ON contacts TO platform_app;
