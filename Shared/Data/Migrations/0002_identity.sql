-- Signing in happens before a tenant is known. The services can't read these tables; they call functions that answer
-- one narrow question each, run as platform_owner and pin the search path.

CREATE TABLE refresh_tokens (
    id         uuid PRIMARY KEY,
    family_id  uuid NOT NULL,
    user_id    uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    tenant_id  uuid REFERENCES tenants (id) ON DELETE CASCADE, -- NULL: an operator's
    token_hash bytea NOT NULL UNIQUE,
    issued_at  timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    used_at    timestamptz,
    revoked_at timestamptz
);
CREATE INDEX refresh_tokens_family_idx ON refresh_tokens (family_id);
CREATE INDEX refresh_tokens_user_idx ON refresh_tokens (user_id);
CREATE INDEX refresh_tokens_expiry_idx ON refresh_tokens (expires_at);
CALL protect_tenant_table('refresh_tokens');
CALL open_to_owner('refresh_tokens');

-- Keys that sign access tokens. The private part is encrypted by the application (SecretProtector).
CREATE TABLE signing_keys (
    id          text PRIMARY KEY,
    public_jwk  jsonb NOT NULL,
    private_key text NOT NULL,
    created_at  timestamptz NOT NULL,
    retired_at  timestamptz
);
GRANT SELECT, INSERT ON signing_keys TO platform_app;

-- Failed sign-ins by address, whether the address exists or not: a lockout tells nobody which ones do.
CREATE TABLE sign_in_failures (
    email_hash   bytea PRIMARY KEY,
    failures     integer NOT NULL,
    last_at      timestamptz NOT NULL,
    locked_until timestamptz
);
CREATE INDEX sign_in_failures_age_idx ON sign_in_failures (last_at);
GRANT SELECT, INSERT, UPDATE, DELETE ON sign_in_failures TO platform_app;

-- Index: users_email_key.
CREATE FUNCTION identity_find_user(p_email text)
    RETURNS TABLE (id uuid, email text, name text, password_hash text, is_operator boolean, disabled boolean)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
        SELECT u.id, u.email, u.name, u.password_hash, u.is_operator, u.disabled_at IS NOT NULL
        FROM users u
        WHERE lower(u.email) = lower(p_email)
    $$;

-- A user by id with one membership: the tenant asked for, by id or slug, else the oldest. An operator has none.
-- Indexes: users_pkey, memberships_user_idx, then primary keys.
CREATE FUNCTION identity_load(p_user_id uuid, p_tenant_id uuid, p_slug text)
    RETURNS TABLE (user_id uuid, email text, name text, is_operator boolean, disabled boolean,
                   tenant_id uuid, tenant_slug text, tenant_plan text, suspended boolean, roles text[], permissions text[])
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
        SELECT u.id, u.email, u.name, u.is_operator, u.disabled_at IS NOT NULL,
               t.id, t.slug, t.plan, t.suspended_at IS NOT NULL,
               COALESCE((SELECT array_agg(r.name ORDER BY r.name)
                         FROM membership_roles mr
                         JOIN roles r ON r.tenant_id = mr.tenant_id AND r.id = mr.role_id
                         WHERE mr.tenant_id = t.id AND mr.user_id = u.id), '{}'),
               COALESCE((SELECT array_agg(DISTINCT p.permission ORDER BY p.permission)
                         FROM membership_roles mr
                         JOIN role_permissions p ON p.tenant_id = mr.tenant_id AND p.role_id = mr.role_id
                         WHERE mr.tenant_id = t.id AND mr.user_id = u.id), '{}')
        FROM users u
        LEFT JOIN memberships m ON m.user_id = u.id AND NOT u.is_operator
        LEFT JOIN tenants t ON t.id = m.tenant_id
        WHERE u.id = p_user_id
          AND (p_tenant_id IS NULL OR t.id = p_tenant_id)
          AND (p_slug IS NULL OR t.slug = p_slug)
        ORDER BY m.created_at, t.id
        LIMIT 1
    $$;

CREATE PROCEDURE identity_add_refresh_token(
    p_id uuid, p_family_id uuid, p_user_id uuid, p_tenant_id uuid, p_hash bytea, p_now timestamptz, p_expires_at timestamptz)
    LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
        INSERT INTO refresh_tokens (id, family_id, user_id, tenant_id, token_hash, issued_at, expires_at)
        VALUES (p_id, p_family_id, p_user_id, p_tenant_id, p_hash, p_now, p_expires_at)
    $$;

-- Takes a token out of service and puts its successor in. A token that was used before has been stolen from one of
-- its two users, and nobody can tell which: its whole family ends. Index: refresh_tokens_token_hash_key.
CREATE FUNCTION identity_rotate_refresh_token(
    p_hash bytea, p_new_id uuid, p_new_hash bytea, p_now timestamptz, p_new_expires_at timestamptz)
    RETURNS TABLE (outcome text, user_id uuid, tenant_id uuid)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
DECLARE
    token refresh_tokens%ROWTYPE;
BEGIN
    SELECT * INTO token FROM refresh_tokens rt WHERE rt.token_hash = p_hash FOR UPDATE;
    IF NOT FOUND THEN
        RETURN QUERY SELECT 'unknown', NULL::uuid, NULL::uuid;
    ELSIF token.used_at IS NOT NULL THEN
        UPDATE refresh_tokens rt SET revoked_at = p_now WHERE rt.family_id = token.family_id AND rt.revoked_at IS NULL;
        RETURN QUERY SELECT 'reused', token.user_id, token.tenant_id;
    ELSIF token.revoked_at IS NOT NULL OR token.expires_at <= p_now THEN
        RETURN QUERY SELECT 'ended', token.user_id, token.tenant_id;
    ELSE
        UPDATE refresh_tokens rt SET used_at = p_now WHERE rt.id = token.id;
        INSERT INTO refresh_tokens (id, family_id, user_id, tenant_id, token_hash, issued_at, expires_at)
        VALUES (p_new_id, token.family_id, token.user_id, token.tenant_id, p_new_hash, p_now, p_new_expires_at);
        RETURN QUERY SELECT 'rotated', token.user_id, token.tenant_id;
    END IF;
END $$;

-- Index: refresh_tokens_token_hash_key, refresh_tokens_family_idx.
CREATE PROCEDURE identity_end_family(p_hash bytea, p_now timestamptz)
    LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
        UPDATE refresh_tokens SET revoked_at = p_now
        WHERE family_id = (SELECT family_id FROM refresh_tokens WHERE token_hash = p_hash) AND revoked_at IS NULL
    $$;

REVOKE ALL ON FUNCTION identity_find_user(text) FROM PUBLIC;
REVOKE ALL ON FUNCTION identity_load(uuid, uuid, text) FROM PUBLIC;
REVOKE ALL ON FUNCTION identity_rotate_refresh_token(bytea, uuid, bytea, timestamptz, timestamptz) FROM PUBLIC;
REVOKE ALL ON PROCEDURE identity_add_refresh_token(uuid, uuid, uuid, uuid, bytea, timestamptz, timestamptz) FROM PUBLIC;
REVOKE ALL ON PROCEDURE identity_end_family(bytea, timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION identity_find_user(text) TO platform_app;
GRANT EXECUTE ON FUNCTION identity_load(uuid, uuid, text) TO platform_app;
GRANT EXECUTE ON FUNCTION identity_rotate_refresh_token(bytea, uuid, bytea, timestamptz, timestamptz) TO platform_app;
GRANT EXECUTE ON PROCEDURE identity_add_refresh_token(uuid, uuid, uuid, uuid, bytea, timestamptz, timestamptz) TO platform_app;
GRANT EXECUTE ON PROCEDURE identity_end_family(bytea, timestamptz) TO platform_app;
