-- A tenant placed in a database of its own finds a copy there of what the common database decides: itself, its members, roles
-- and who has them. Other rows refer to these. The copies are of these tenants:
CREATE TABLE directory_copies (
    tenant_id uuid PRIMARY KEY REFERENCES tenants (id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED,
    placed_at timestamptz NOT NULL DEFAULT now()
);
CALL protect_tenant_table('directory_copies');
CALL open_to_owner('directory_copies');

-- What the current tenant's copy is made of; nothing but what the caller may read anyway. No password goes along.
-- Indexes: primary keys, all of which start with the tenant; users_pkey.
CREATE FUNCTION directory_export()
    RETURNS jsonb
    LANGUAGE sql STABLE SET search_path = public, pg_temp
    AS $$
        WITH own AS (SELECT NULLIF(current_setting('app.tenant_id', true), '')::uuid AS id)
        SELECT jsonb_build_object(
            'tenants', (SELECT jsonb_agg(to_jsonb(t)) FROM tenants t WHERE t.id = (SELECT id FROM own)),
            'users', (SELECT jsonb_agg(jsonb_build_object(
                    'id', u.id, 'email', u.email, 'name', u.name, 'disabled_at', u.disabled_at, 'created_at', u.created_at,
                    'locale', u.locale, 'time_zone', u.time_zone, 'updated_at', u.updated_at, 'profile_version', u.profile_version))
                FROM memberships m JOIN users u ON u.id = m.user_id WHERE m.tenant_id = (SELECT id FROM own)),
            'memberships', (SELECT jsonb_agg(to_jsonb(m)) FROM memberships m WHERE m.tenant_id = (SELECT id FROM own)),
            'roles', (SELECT jsonb_agg(to_jsonb(r)) FROM roles r WHERE r.tenant_id = (SELECT id FROM own)),
            'role_permissions', (SELECT jsonb_agg(to_jsonb(p)) FROM role_permissions p WHERE p.tenant_id = (SELECT id FROM own)),
            'membership_roles', (SELECT jsonb_agg(to_jsonb(m)) FROM membership_roles m WHERE m.tenant_id = (SELECT id FROM own)))
    $$;

-- Makes the current tenant's copy what the common database exported. Refused where the tenant's directory isn't a copy: there
-- the services add people by the functions for that alone. Indexes: primary keys.
CREATE PROCEDURE directory_import(p_directory jsonb)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
DECLARE
    own CONSTANT uuid := NULLIF(current_setting('app.tenant_id', true), '')::uuid;
BEGIN
    IF NOT EXISTS (SELECT FROM directory_copies c WHERE c.tenant_id = own) THEN
        RAISE EXCEPTION 'the tenant''s directory is no copy here' USING ERRCODE = 'insufficient_privilege';
    END IF;
    INSERT INTO tenants (id, slug, name, plan, suspended_at, created_at)
    SELECT t.id, t.slug, t.name, t.plan, t.suspended_at, t.created_at
    FROM jsonb_populate_recordset(NULL::tenants, p_directory->'tenants') t WHERE t.id = own
    ON CONFLICT (id) DO UPDATE SET
        slug = EXCLUDED.slug, name = EXCLUDED.name, plan = EXCLUDED.plan, suspended_at = EXCLUDED.suspended_at;
    -- Nobody signs in with a copy: no hash is '-'.
    INSERT INTO users AS known (id, email, name, password_hash, disabled_at, created_at, locale, time_zone, updated_at, profile_version)
    SELECT u.id, u.email, u.name, '-', u.disabled_at, u.created_at, u.locale, u.time_zone, u.updated_at, u.profile_version
    FROM jsonb_populate_recordset(NULL::users, p_directory->'users') u
    ON CONFLICT (id) DO UPDATE SET
        email = EXCLUDED.email, name = EXCLUDED.name, disabled_at = EXCLUDED.disabled_at, locale = EXCLUDED.locale,
        time_zone = EXCLUDED.time_zone, updated_at = EXCLUDED.updated_at, profile_version = EXCLUDED.profile_version
    WHERE (known.email, known.name, known.disabled_at, known.profile_version)
        IS DISTINCT FROM (EXCLUDED.email, EXCLUDED.name, EXCLUDED.disabled_at, EXCLUDED.profile_version);

    DELETE FROM memberships m WHERE m.tenant_id = own AND NOT EXISTS (
        SELECT FROM jsonb_populate_recordset(NULL::memberships, p_directory->'memberships') n WHERE n.user_id = m.user_id);
    INSERT INTO memberships (tenant_id, user_id, created_at)
    SELECT own, m.user_id, m.created_at FROM jsonb_populate_recordset(NULL::memberships, p_directory->'memberships') m
    ON CONFLICT DO NOTHING;

    DELETE FROM roles r WHERE r.tenant_id = own AND NOT EXISTS (
        SELECT FROM jsonb_populate_recordset(NULL::roles, p_directory->'roles') n WHERE n.id = r.id);
    -- Two roles may have exchanged their names since: each lets go of its own first.
    UPDATE roles r SET name = r.id::text
    FROM jsonb_populate_recordset(NULL::roles, p_directory->'roles') n WHERE r.tenant_id = own AND n.id = r.id AND n.name <> r.name;
    INSERT INTO roles (tenant_id, id, name, created_at, version)
    SELECT own, r.id, r.name, r.created_at, r.version FROM jsonb_populate_recordset(NULL::roles, p_directory->'roles') r
    ON CONFLICT (tenant_id, id) DO UPDATE SET name = EXCLUDED.name, version = EXCLUDED.version;

    DELETE FROM role_permissions p WHERE p.tenant_id = own AND NOT EXISTS (
        SELECT FROM jsonb_populate_recordset(NULL::role_permissions, p_directory->'role_permissions') n
        WHERE n.role_id = p.role_id AND n.permission = p.permission);
    INSERT INTO role_permissions (tenant_id, role_id, permission)
    SELECT own, p.role_id, p.permission
    FROM jsonb_populate_recordset(NULL::role_permissions, p_directory->'role_permissions') p
    ON CONFLICT DO NOTHING;

    DELETE FROM membership_roles m WHERE m.tenant_id = own AND NOT EXISTS (
        SELECT FROM jsonb_populate_recordset(NULL::membership_roles, p_directory->'membership_roles') n
        WHERE n.user_id = m.user_id AND n.role_id = m.role_id);
    INSERT INTO membership_roles (tenant_id, user_id, role_id)
    SELECT own, m.user_id, m.role_id
    FROM jsonb_populate_recordset(NULL::membership_roles, p_directory->'membership_roles') m
    ON CONFLICT DO NOTHING;
END $$;

REVOKE ALL ON FUNCTION directory_export() FROM PUBLIC;
REVOKE ALL ON PROCEDURE directory_import(jsonb) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION directory_export() TO platform_app;
GRANT EXECUTE ON PROCEDURE directory_import(jsonb) TO platform_app;
