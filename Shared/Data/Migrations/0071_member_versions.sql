-- A member's version, the API's ETag: one more with each change of what roles they have.
ALTER TABLE memberships ADD COLUMN version bigint NOT NULL DEFAULT 1;

-- As in 0058, with the version.
CREATE OR REPLACE PROCEDURE directory_import(p_directory jsonb)
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
    -- A directory exported by a release before this one has no versions.
    INSERT INTO memberships AS known (tenant_id, user_id, created_at, version)
    SELECT own, m.user_id, m.created_at, COALESCE(m.version, 1)
    FROM jsonb_populate_recordset(NULL::memberships, p_directory->'memberships') m
    ON CONFLICT (tenant_id, user_id) DO UPDATE SET version = EXCLUDED.version WHERE known.version <> EXCLUDED.version;

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
