-- Tenants, who belongs to them, and the one place where row-level security is made.
-- Everything here is owned by platform_owner; ids are UUIDv7, made by the application.

-- Sets the tenant for the rest of the transaction. A procedure, because a CALL returns no result set: it can stand in
-- front of any command, in the same round trip, and the caller's reader never sees it.
CREATE PROCEDURE set_tenant(tenant uuid)
    LANGUAGE sql
    AS $$ SELECT set_config('app.tenant_id', tenant::text, true) $$;

-- After a transaction-local setting has ended it is '' and not NULL, hence NULLIF. No tenant set: NULL, so no row.
-- The setting is cast, never the column, so that indexes that start with tenant_id stay usable.
CREATE PROCEDURE protect_tenant_table(target regclass, tenant_column name DEFAULT 'tenant_id')
    LANGUAGE plpgsql
    AS $$
BEGIN
    EXECUTE format('ALTER TABLE %s ENABLE ROW LEVEL SECURITY', target);
    EXECUTE format('ALTER TABLE %s FORCE ROW LEVEL SECURITY', target);
    EXECUTE format(
        'CREATE POLICY tenant_isolation ON %1$s '
        'USING (%2$I = (SELECT NULLIF(current_setting(''app.tenant_id'', true), '''')::uuid)) '
        'WITH CHECK (%2$I = (SELECT NULLIF(current_setting(''app.tenant_id'', true), '''')::uuid))',
        target, tenant_column);
END $$;

-- The identity functions (0002) run as platform_owner before any tenant is known; these tables let them, and only
-- them, see all rows. platform_app is not a member of platform_owner.
CREATE PROCEDURE open_to_owner(target regclass)
    LANGUAGE plpgsql
    AS $$
BEGIN
    EXECUTE format('CREATE POLICY owner_access ON %s TO platform_owner USING (true) WITH CHECK (true)', target);
END $$;

CREATE TABLE tenants (
    id           uuid PRIMARY KEY,
    slug         text NOT NULL UNIQUE CHECK (slug ~ '^[a-z0-9][a-z0-9-]{0,62}$'),
    name         text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 200),
    plan         text NOT NULL CHECK (plan IN ('free', 'pro', 'enterprise')),
    suspended_at timestamptz,
    created_at   timestamptz NOT NULL DEFAULT now()
);
CALL protect_tenant_table('tenants', 'id');
CALL open_to_owner('tenants');
GRANT SELECT ON tenants TO platform_app;

-- A person is known once in the whole deployment and belongs to tenants by membership.
CREATE TABLE users (
    id            uuid PRIMARY KEY,
    email         text NOT NULL CHECK (char_length(email) BETWEEN 3 AND 254),
    name          text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 200),
    password_hash text NOT NULL,
    is_operator   boolean NOT NULL DEFAULT false,
    disabled_at   timestamptz,
    created_at    timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX users_email_key ON users (lower(email));

CREATE TABLE memberships (
    tenant_id  uuid NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    user_id    uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, user_id)
);
CREATE INDEX memberships_user_idx ON memberships (user_id);
CALL protect_tenant_table('memberships');
CALL open_to_owner('memberships');
GRANT SELECT, INSERT, UPDATE, DELETE ON memberships TO platform_app;

-- Users have no tenant of their own: a tenant sees its members, never anybody's password hash.
ALTER TABLE users ENABLE ROW LEVEL SECURITY;
ALTER TABLE users FORCE ROW LEVEL SECURITY;
CREATE POLICY tenant_isolation ON users FOR SELECT
    USING (EXISTS (
        SELECT FROM memberships m
        WHERE m.tenant_id = (SELECT NULLIF(current_setting('app.tenant_id', true), '')::uuid) AND m.user_id = users.id));
CALL open_to_owner('users');
GRANT SELECT (id, email, name, disabled_at, created_at) ON users TO platform_app;

CREATE TABLE roles (
    tenant_id uuid NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    id        uuid NOT NULL,
    name      text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 60),
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, name)
);
CALL protect_tenant_table('roles');
CALL open_to_owner('roles');
GRANT SELECT, INSERT, UPDATE, DELETE ON roles TO platform_app;

CREATE TABLE role_permissions (
    tenant_id  uuid NOT NULL,
    role_id    uuid NOT NULL,
    permission text NOT NULL CHECK (permission ~ '^[a-z]+:[a-z]+$'),
    PRIMARY KEY (tenant_id, role_id, permission),
    FOREIGN KEY (tenant_id, role_id) REFERENCES roles (tenant_id, id) ON DELETE CASCADE
);
CALL protect_tenant_table('role_permissions');
CALL open_to_owner('role_permissions');
GRANT SELECT, INSERT, UPDATE, DELETE ON role_permissions TO platform_app;

CREATE TABLE membership_roles (
    tenant_id uuid NOT NULL,
    user_id   uuid NOT NULL,
    role_id   uuid NOT NULL,
    PRIMARY KEY (tenant_id, user_id, role_id),
    FOREIGN KEY (tenant_id, user_id) REFERENCES memberships (tenant_id, user_id) ON DELETE CASCADE,
    FOREIGN KEY (tenant_id, role_id) REFERENCES roles (tenant_id, id) ON DELETE CASCADE
);
CREATE INDEX membership_roles_role_idx ON membership_roles (tenant_id, role_id);
CALL protect_tenant_table('membership_roles');
CALL open_to_owner('membership_roles');
GRANT SELECT, INSERT, UPDATE, DELETE ON membership_roles TO platform_app;

-- What happened, for people to read later. Append-only for the services.
CREATE TABLE audit_log (
    tenant_id uuid NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    id        uuid NOT NULL,
    at        timestamptz NOT NULL DEFAULT now(),
    actor_id  uuid,
    action    text NOT NULL CHECK (char_length(action) BETWEEN 1 AND 100),
    subject   text,
    detail    jsonb,
    PRIMARY KEY (tenant_id, id)
);
CALL protect_tenant_table('audit_log');
GRANT SELECT, INSERT ON audit_log TO platform_app;
