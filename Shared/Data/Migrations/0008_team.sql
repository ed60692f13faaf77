-- Who of a tenant's members works on what.

ALTER TABLE roles
    ADD COLUMN created_at timestamptz NOT NULL DEFAULT now(),
    ADD COLUMN version    bigint NOT NULL DEFAULT 1;

CREATE TABLE teams (
    tenant_id   uuid NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    id          uuid NOT NULL,
    name        text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 100),
    name_key    text GENERATED ALWAYS AS (lower(name)) STORED,
    description text NOT NULL DEFAULT '' CHECK (char_length(description) <= 500),
    created_at  timestamptz NOT NULL DEFAULT now(),
    updated_at  timestamptz NOT NULL DEFAULT now(),
    version     bigint NOT NULL DEFAULT 1,
    PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX teams_name_key ON teams (tenant_id, name_key);
CREATE INDEX teams_created_idx ON teams (tenant_id, created_at DESC, id DESC);
CALL protect_tenant_table('teams');
GRANT SELECT, INSERT, UPDATE, DELETE ON teams TO platform_app;

CREATE TABLE team_members (
    tenant_id  uuid NOT NULL,
    team_id    uuid NOT NULL,
    user_id    uuid NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, team_id, user_id),
    FOREIGN KEY (tenant_id, team_id) REFERENCES teams (tenant_id, id) ON DELETE CASCADE,
    FOREIGN KEY (tenant_id, user_id) REFERENCES memberships (tenant_id, user_id) ON DELETE CASCADE
);
CREATE INDEX team_members_user_idx ON team_members (tenant_id, user_id);
CALL protect_tenant_table('team_members');
GRANT SELECT, INSERT, DELETE ON team_members TO platform_app;

-- A member who handles conversations; known by the user's id. Who leaves the tenant is no agent any more.
CREATE TABLE agents (
    tenant_id    uuid NOT NULL,
    user_id      uuid NOT NULL,
    status       text NOT NULL DEFAULT 'offline' CHECK (status IN ('online', 'away', 'offline')),
    capacity     integer NOT NULL DEFAULT 5 CHECK (capacity BETWEEN 0 AND 100),
    skills       text[] NOT NULL DEFAULT '{}' CHECK (cardinality(skills) <= 20),
    last_seen_at timestamptz,
    created_at   timestamptz NOT NULL DEFAULT now(),
    updated_at   timestamptz NOT NULL DEFAULT now(),
    version      bigint NOT NULL DEFAULT 1,
    PRIMARY KEY (tenant_id, user_id),
    FOREIGN KEY (tenant_id, user_id) REFERENCES memberships (tenant_id, user_id) ON DELETE CASCADE
);
CREATE INDEX agents_created_idx ON agents (tenant_id, created_at DESC, user_id DESC);
CREATE INDEX agents_status_idx ON agents (tenant_id, status, created_at DESC, user_id DESC);
CALL protect_tenant_table('agents');
GRANT SELECT, INSERT, UPDATE, DELETE ON agents TO platform_app;

-- Lists of what was there before.
CREATE INDEX memberships_created_idx ON memberships (tenant_id, created_at DESC, user_id DESC);
CREATE INDEX roles_created_idx ON roles (tenant_id, created_at DESC, id DESC);
CREATE INDEX audit_log_at_idx ON audit_log (tenant_id, at DESC, id DESC);
