-- Who may still act: sessions that end one by one, keys for machines, signing keys that follow one another.

-- The services ask, at most once a minute and user, which sessions ended while their access tokens may still be good.
CREATE INDEX refresh_tokens_ended_idx ON refresh_tokens (user_id, revoked_at) WHERE revoked_at IS NOT NULL;

-- Index: refresh_tokens_ended_idx.
CREATE FUNCTION identity_ended_sessions(p_user_id uuid, p_since timestamptz)
    RETURNS uuid[]
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
        SELECT COALESCE(array_agg(DISTINCT family_id), '{}')
        FROM refresh_tokens
        WHERE user_id = p_user_id AND revoked_at >= p_since AND issued_at >= p_since
    $$;

-- Whatever ends sessions and whatever renews one wait for each other, user by user: otherwise a token could be renewed
-- while its family is being ended, and its successor, not visible yet, would outlive it.
CREATE PROCEDURE identity_lock_sessions(p_user_id uuid)
    LANGUAGE plpgsql
    AS $$
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended(p_user_id::text, 7815264480104));
END $$;

-- As identity_rotate_refresh_token (0002), which it replaces. Index: refresh_tokens_token_hash_key.
CREATE FUNCTION identity_renew_session(
    p_hash bytea, p_new_id uuid, p_new_hash bytea, p_now timestamptz, p_new_expires_at timestamptz)
    RETURNS TABLE (outcome text, user_id uuid, tenant_id uuid, session_id uuid)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
DECLARE
    owner_id uuid;
    token refresh_tokens%ROWTYPE;
BEGIN
    SELECT rt.user_id INTO owner_id FROM refresh_tokens rt WHERE rt.token_hash = p_hash;
    IF NOT FOUND THEN
        RETURN QUERY SELECT 'unknown', NULL::uuid, NULL::uuid, NULL::uuid;
        RETURN;
    END IF;
    CALL identity_lock_sessions(owner_id);
    SELECT * INTO token FROM refresh_tokens rt WHERE rt.token_hash = p_hash FOR UPDATE;
    IF NOT FOUND THEN
        RETURN QUERY SELECT 'unknown', NULL::uuid, NULL::uuid, NULL::uuid;
    ELSIF token.used_at IS NOT NULL THEN
        UPDATE refresh_tokens rt SET revoked_at = p_now WHERE rt.family_id = token.family_id AND rt.revoked_at IS NULL;
        RETURN QUERY SELECT 'reused', token.user_id, token.tenant_id, token.family_id;
    ELSIF token.revoked_at IS NOT NULL OR token.expires_at <= p_now THEN
        RETURN QUERY SELECT 'ended', token.user_id, token.tenant_id, token.family_id;
    ELSE
        UPDATE refresh_tokens rt SET used_at = p_now WHERE rt.id = token.id;
        INSERT INTO refresh_tokens (id, family_id, user_id, tenant_id, token_hash, issued_at, expires_at)
        VALUES (p_new_id, token.family_id, token.user_id, token.tenant_id, p_new_hash, p_now, p_new_expires_at);
        RETURN QUERY SELECT 'rotated', token.user_id, token.tenant_id, token.family_id;
    END IF;
END $$;

-- Ends the session a refresh token belongs to, or every session of its user, and says which ended, for those who hold
-- copies of them. Indexes: refresh_tokens_token_hash_key, refresh_tokens_family_idx, refresh_tokens_user_idx.
CREATE FUNCTION identity_end_session(p_hash bytea, p_everywhere boolean, p_now timestamptz)
    RETURNS TABLE (user_id uuid, tenant_id uuid, session_id uuid)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
DECLARE
    own refresh_tokens%ROWTYPE;
BEGIN
    SELECT * INTO own FROM refresh_tokens rt WHERE rt.token_hash = p_hash;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    CALL identity_lock_sessions(own.user_id);
    RETURN QUERY
        WITH ended AS (
            UPDATE refresh_tokens rt SET revoked_at = p_now
            WHERE rt.revoked_at IS NULL
              AND (rt.family_id = own.family_id OR (p_everywhere AND rt.user_id = own.user_id))
            RETURNING rt.user_id, rt.tenant_id, rt.family_id)
        SELECT DISTINCT e.user_id, e.tenant_id, e.family_id FROM ended e;
END $$;

-- A new signing key is published before it signs, so that those who verify have read it by then.
ALTER TABLE signing_keys ADD COLUMN active_at timestamptz NOT NULL DEFAULT now();
UPDATE signing_keys SET active_at = created_at;
GRANT UPDATE (retired_at), DELETE ON signing_keys TO platform_app;

-- Keys of machines. Only the hash of one is kept: SHA-256 of 256 random bits, which no list of guesses reaches.
CREATE TABLE api_keys (
    tenant_id    uuid NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    id           uuid NOT NULL,
    name         text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 100),
    prefix       text NOT NULL CHECK (char_length(prefix) BETWEEN 4 AND 20),
    key_hash     bytea NOT NULL UNIQUE CHECK (octet_length(key_hash) = 32),
    scopes       text[] NOT NULL CHECK (cardinality(scopes) BETWEEN 1 AND 100 AND NOT 'platform:operate' = ANY (scopes)),
    created_by   uuid REFERENCES users (id) ON DELETE SET NULL, -- NULL: by another key, or by somebody who is gone
    created_at   timestamptz NOT NULL,
    expires_at   timestamptz,
    last_used_at timestamptz,
    revoked_at   timestamptz,
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX api_keys_live_idx ON api_keys (tenant_id, created_at DESC, id DESC) WHERE revoked_at IS NULL;
CREATE INDEX api_keys_creator_idx ON api_keys (created_by);
CALL protect_tenant_table('api_keys');
CALL open_to_owner('api_keys');
GRANT SELECT (tenant_id, id, name, prefix, scopes, created_by, created_at, expires_at, last_used_at, revoked_at), INSERT,
    UPDATE (last_used_at, revoked_at) ON api_keys TO platform_app;

-- Index: api_keys_key_hash_key.
CREATE FUNCTION identity_find_api_key(p_hash bytea)
    RETURNS TABLE (id uuid, name text, scopes text[], expires_at timestamptz, last_used_at timestamptz,
                   tenant_id uuid, tenant_slug text, tenant_plan text, suspended boolean)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
        SELECT k.id, k.name, k.scopes, k.expires_at, k.last_used_at, t.id, t.slug, t.plan, t.suspended_at IS NOT NULL
        FROM api_keys k JOIN tenants t ON t.id = k.tenant_id
        WHERE k.key_hash = p_hash AND k.revoked_at IS NULL
    $$;

REVOKE ALL ON PROCEDURE identity_lock_sessions(uuid) FROM PUBLIC;
REVOKE ALL ON FUNCTION identity_ended_sessions(uuid, timestamptz) FROM PUBLIC;
REVOKE ALL ON FUNCTION identity_renew_session(bytea, uuid, bytea, timestamptz, timestamptz) FROM PUBLIC;
REVOKE ALL ON FUNCTION identity_end_session(bytea, boolean, timestamptz) FROM PUBLIC;
REVOKE ALL ON FUNCTION identity_find_api_key(bytea) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION identity_ended_sessions(uuid, timestamptz) TO platform_app;
GRANT EXECUTE ON FUNCTION identity_renew_session(bytea, uuid, bytea, timestamptz, timestamptz) TO platform_app;
GRANT EXECUTE ON FUNCTION identity_end_session(bytea, boolean, timestamptz) TO platform_app;
GRANT EXECUTE ON FUNCTION identity_find_api_key(bytea) TO platform_app;
