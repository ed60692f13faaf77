-- People come into a tenant by invitation, change their passwords; operators look after tenants.

-- Whoever is invited by an address hasn't shown yet that it is theirs: the invitation's link is given to the tenant's admin,
-- who could follow it. Such an account is good in the tenant that made it and can't be added to another (no foreign key: a
-- tenant that is gone proves nothing either).
ALTER TABLE users
    ADD COLUMN unproven_in uuid,
    ADD COLUMN password_pending boolean NOT NULL DEFAULT false;

-- One for each member who has no password yet; gone once it is set.
CREATE TABLE invitations (
    tenant_id  uuid NOT NULL,
    user_id    uuid NOT NULL,
    token_hash bytea NOT NULL CHECK (octet_length(token_hash) = 32),
    created_at timestamptz NOT NULL,
    expires_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, user_id),
    FOREIGN KEY (tenant_id, user_id) REFERENCES memberships (tenant_id, user_id) ON DELETE CASCADE
);
CREATE INDEX invitations_token_idx ON invitations (token_hash);
CALL protect_tenant_table('invitations');
CALL open_to_owner('invitations');
GRANT SELECT (tenant_id, user_id, created_at, expires_at) ON invitations TO platform_app;

-- Adds the person of that address to the current tenant: made and invited if unknown. Outcomes: added, invited, member,
-- unproven, refused. Indexes: users_email_key, memberships_pkey.
CREATE FUNCTION identity_add_member(
    p_email text, p_name text, p_user_id uuid, p_password_hash text, p_token_hash bytea, p_now timestamptz, p_expires_at timestamptz)
    RETURNS TABLE (outcome text, user_id uuid)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
DECLARE
    tenant uuid := NULLIF(current_setting('app.tenant_id', true), '')::uuid;
    person users%ROWTYPE;
BEGIN
    INSERT INTO users (id, email, name, password_hash, unproven_in, password_pending)
    VALUES (p_user_id, p_email, p_name, p_password_hash, tenant, true)
    ON CONFLICT (lower(email)) DO NOTHING;
    SELECT * INTO person FROM users u WHERE lower(u.email) = lower(p_email);
    IF EXISTS (SELECT FROM memberships m WHERE m.tenant_id = tenant AND m.user_id = person.id) THEN
        RETURN QUERY SELECT 'member', person.id;
    ELSIF tenant IS NULL OR person.is_operator OR person.disabled_at IS NOT NULL THEN
        RETURN QUERY SELECT 'refused', NULL::uuid;
    ELSIF person.unproven_in <> tenant THEN
        RETURN QUERY SELECT 'unproven', NULL::uuid;
    ELSE
        INSERT INTO memberships (tenant_id, user_id) VALUES (tenant, person.id);
        IF person.password_pending THEN
            INSERT INTO invitations (tenant_id, user_id, token_hash, created_at, expires_at)
            VALUES (tenant, person.id, p_token_hash, p_now, p_expires_at);
        END IF;
        RETURN QUERY SELECT CASE WHEN person.password_pending THEN 'invited' ELSE 'added' END, person.id;
    END IF;
END $$;

-- Asked before a password is hashed, which takes long. Index: invitations_token_idx.
CREATE FUNCTION identity_has_invitation(p_token_hash bytea, p_now timestamptz)
    RETURNS boolean
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$ SELECT EXISTS (SELECT FROM invitations WHERE token_hash = p_token_hash AND expires_at > p_now) $$;

-- Sets the first password of an account that has none, once. Index: invitations_token_idx.
CREATE FUNCTION identity_accept_invitation(p_token_hash bytea, p_password_hash text, p_now timestamptz)
    RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
DECLARE
    invitee uuid;
BEGIN
    DELETE FROM invitations WHERE token_hash = p_token_hash AND expires_at > p_now RETURNING user_id INTO invitee;
    UPDATE users SET password_hash = p_password_hash, password_pending = false WHERE id = invitee AND password_pending;
    RETURN FOUND;
END $$;

-- Ends a user's sessions in the current tenant. Index: refresh_tokens_user_idx.
CREATE PROCEDURE identity_end_member_sessions(p_user_id uuid, p_now timestamptz)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
BEGIN
    CALL identity_lock_sessions(p_user_id);
    UPDATE refresh_tokens SET revoked_at = p_now
    WHERE user_id = p_user_id AND tenant_id = NULLIF(current_setting('app.tenant_id', true), '')::uuid AND revoked_at IS NULL;
END $$;

-- Index: users_pkey.
CREATE FUNCTION identity_find_password(p_user_id uuid)
    RETURNS TABLE (email text, password_hash text)
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$ SELECT email, password_hash FROM users WHERE id = p_user_id AND disabled_at IS NULL $$;

-- Changes the password unless it was changed meanwhile, and ends all sessions but one. Index: refresh_tokens_user_idx.
CREATE FUNCTION identity_change_password(p_user_id uuid, p_old_hash text, p_new_hash text, p_session_id uuid, p_now timestamptz)
    RETURNS TABLE (user_id uuid, tenant_id uuid, session_id uuid)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
BEGIN
    CALL identity_lock_sessions(p_user_id);
    UPDATE users u SET password_hash = p_new_hash WHERE u.id = p_user_id AND u.password_hash = p_old_hash;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'the password was changed meanwhile' USING ERRCODE = 'serialization_failure';
    END IF;
    RETURN QUERY
        WITH ended AS (
            UPDATE refresh_tokens rt SET revoked_at = p_now
            WHERE rt.user_id = p_user_id AND rt.revoked_at IS NULL AND rt.family_id IS DISTINCT FROM p_session_id
            RETURNING rt.user_id, rt.tenant_id, rt.family_id)
        SELECT DISTINCT e.user_id, e.tenant_id, e.family_id FROM ended e;
END $$;

-- What operators did, to whichever tenant. Written only by the functions below, which do it in the same breath as what is
-- recorded: there is no way for the services to read across tenants without leaving a line here.
CREATE TABLE operator_audit (
    id          uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    at          timestamptz NOT NULL,
    operator_id uuid NOT NULL,
    action      text NOT NULL,
    subject     text,
    detail      jsonb
);
CREATE INDEX operator_audit_at_idx ON operator_audit (at DESC);
CALL open_to_owner('audit_log');

CREATE PROCEDURE operator_note(p_operator uuid, p_action text, p_subject text, p_detail jsonb, p_now timestamptz)
    LANGUAGE plpgsql
    AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM users WHERE id = p_operator AND is_operator AND disabled_at IS NULL) THEN
        RAISE EXCEPTION 'not an operator' USING ERRCODE = 'insufficient_privilege';
    END IF;
    INSERT INTO operator_audit (at, operator_id, action, subject, detail) VALUES (p_now, p_operator, p_action, p_subject, p_detail);
END $$;

-- Newest first, a page. Index: tenants_created_idx.
CREATE INDEX tenants_created_idx ON tenants (created_at DESC, id DESC);
CREATE FUNCTION operator_list_tenants(
    p_operator uuid, p_before timestamptz, p_before_id uuid, p_skip integer, p_limit integer, p_now timestamptz)
    RETURNS TABLE (id uuid, slug text, name text, plan text, suspended_at timestamptz, created_at timestamptz, members bigint)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
BEGIN
    CALL operator_note(p_operator, 'tenants.list', NULL, NULL, p_now);
    RETURN QUERY
        SELECT t.id, t.slug, t.name, t.plan, t.suspended_at, t.created_at,
               (SELECT count(*) FROM memberships m WHERE m.tenant_id = t.id)
        FROM tenants t
        WHERE p_before IS NULL OR (t.created_at, t.id) < (p_before, p_before_id)
        ORDER BY t.created_at DESC, t.id DESC OFFSET p_skip LIMIT LEAST(p_limit, 51);
END $$;

CREATE FUNCTION operator_count_tenants(p_operator uuid)
    RETURNS bigint
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$ SELECT count(*) FROM tenants WHERE EXISTS (SELECT FROM users WHERE id = p_operator AND is_operator) $$;

-- Actions: suspend, resume, plan. False when there is no such tenant. Its own people read of it in their audit log, too.
-- Index: tenants_pkey.
CREATE FUNCTION operator_change_tenant(p_operator uuid, p_tenant uuid, p_action text, p_plan text, p_now timestamptz)
    RETURNS boolean
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
BEGIN
    CALL operator_note(p_operator, 'tenant.' || p_action, p_tenant::text, jsonb_strip_nulls(jsonb_build_object('plan', p_plan)), p_now);
    UPDATE tenants SET
        suspended_at = CASE p_action WHEN 'suspend' THEN COALESCE(suspended_at, p_now) WHEN 'resume' THEN NULL ELSE suspended_at END,
        plan = CASE p_action WHEN 'plan' THEN p_plan ELSE plan END
    WHERE id = p_tenant;
    IF NOT FOUND THEN
        RETURN false;
    END IF;
    INSERT INTO audit_log (tenant_id, id, at, actor_id, action, subject, detail)
    VALUES (p_tenant, gen_random_uuid(), p_now, p_operator, 'tenant.' || p_action, p_tenant::text,
            jsonb_strip_nulls(jsonb_build_object('plan', p_plan, 'by', 'operator')));
    RETURN true;
END $$;

REVOKE ALL ON PROCEDURE operator_note(uuid, text, text, jsonb, timestamptz) FROM PUBLIC;
REVOKE ALL ON PROCEDURE identity_end_member_sessions(uuid, timestamptz) FROM PUBLIC;
REVOKE ALL ON FUNCTION identity_add_member(text, text, uuid, text, bytea, timestamptz, timestamptz) FROM PUBLIC;
REVOKE ALL ON FUNCTION identity_has_invitation(bytea, timestamptz) FROM PUBLIC;
REVOKE ALL ON FUNCTION identity_accept_invitation(bytea, text, timestamptz) FROM PUBLIC;
REVOKE ALL ON FUNCTION identity_find_password(uuid) FROM PUBLIC;
REVOKE ALL ON FUNCTION identity_change_password(uuid, text, text, uuid, timestamptz) FROM PUBLIC;
REVOKE ALL ON FUNCTION operator_list_tenants(uuid, timestamptz, uuid, integer, integer, timestamptz) FROM PUBLIC;
REVOKE ALL ON FUNCTION operator_count_tenants(uuid) FROM PUBLIC;
REVOKE ALL ON FUNCTION operator_change_tenant(uuid, uuid, text, text, timestamptz) FROM PUBLIC;
GRANT EXECUTE ON PROCEDURE identity_end_member_sessions(uuid, timestamptz) TO platform_app;
GRANT EXECUTE ON FUNCTION identity_add_member(text, text, uuid, text, bytea, timestamptz, timestamptz) TO platform_app;
GRANT EXECUTE ON FUNCTION identity_has_invitation(bytea, timestamptz) TO platform_app;
GRANT EXECUTE ON FUNCTION identity_accept_invitation(bytea, text, timestamptz) TO platform_app;
GRANT EXECUTE ON FUNCTION identity_find_password(uuid) TO platform_app;
GRANT EXECUTE ON FUNCTION identity_change_password(uuid, text, text, uuid, timestamptz) TO platform_app;
GRANT EXECUTE ON FUNCTION operator_list_tenants(uuid, timestamptz, uuid, integer, integer, timestamptz) TO platform_app;
GRANT EXECUTE ON FUNCTION operator_count_tenants(uuid) TO platform_app;
GRANT EXECUTE ON FUNCTION operator_change_tenant(uuid, uuid, text, text, timestamptz) TO platform_app;
