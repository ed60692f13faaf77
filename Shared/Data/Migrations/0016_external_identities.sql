-- People of an external authority, and one permission no tenant can give.

-- Operators hold it by being operators. A role that names it would look as if its members could do what they can't.
DELETE FROM role_permissions WHERE permission = 'platform:operate';
ALTER TABLE role_permissions
    ADD CONSTRAINT role_permissions_of_tenants CHECK (permission <> 'platform:operate');

-- Who somebody of an external authority is here. One subject a user and authority: an address that was given to somebody
-- else over there doesn't come with the account of the one who had it before. Only the functions below see it.
CREATE TABLE external_identities (
    issuer    text NOT NULL CHECK (char_length(issuer) BETWEEN 1 AND 500),
    subject   text NOT NULL CHECK (char_length(subject) BETWEEN 1 AND 255),
    user_id   uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    linked_at timestamptz NOT NULL,
    PRIMARY KEY (issuer, subject),
    UNIQUE (user_id, issuer)
);
ALTER TABLE external_identities ENABLE ROW LEVEL SECURITY;
ALTER TABLE external_identities FORCE ROW LEVEL SECURITY;
CALL open_to_owner('external_identities');

-- Index: external_identities_pkey.
CREATE FUNCTION identity_find_external(p_issuer text, p_subject text)
    RETURNS uuid
    LANGUAGE sql STABLE SECURITY DEFINER SET search_path = public, pg_temp
    AS $$ SELECT user_id FROM external_identities WHERE issuer = p_issuer AND subject = p_subject $$;

-- Links a subject that isn't linked yet to the user of an address the authority has verified. Outcomes: linked, known (by then), unknown (no
-- such user, disabled, or in no tenant), operator (and none may come this way), taken (the user is another subject's).
-- Indexes: users_email_key, memberships_user_idx, external_identities_user_id_issuer_key.
CREATE FUNCTION identity_link_external(
    p_issuer text, p_subject text, p_email text, p_operators boolean, p_now timestamptz)
    RETURNS TABLE (outcome text, user_id uuid)
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
DECLARE
    person users%ROWTYPE;
    linked uuid;
BEGIN
    SELECT * INTO person FROM users u WHERE lower(u.email) = lower(p_email);
    IF NOT FOUND OR person.disabled_at IS NOT NULL THEN
        RETURN QUERY SELECT 'unknown', NULL::uuid;
        RETURN;
    END IF;
    IF person.is_operator AND NOT p_operators THEN
        RETURN QUERY SELECT 'operator', NULL::uuid;
        RETURN;
    END IF;
    IF NOT person.is_operator AND NOT EXISTS (SELECT FROM memberships m WHERE m.user_id = person.id) THEN
        RETURN QUERY SELECT 'unknown', NULL::uuid;
        RETURN;
    END IF;
    -- Two first requests at once: the second waits for the first one's row and then finds it.
    INSERT INTO external_identities (issuer, subject, user_id, linked_at)
    VALUES (p_issuer, p_subject, person.id, p_now)
    ON CONFLICT DO NOTHING;
    IF FOUND THEN
        RETURN QUERY SELECT 'linked', person.id;
        RETURN;
    END IF;
    SELECT e.user_id INTO linked FROM external_identities e WHERE e.issuer = p_issuer AND e.subject = p_subject;
    IF linked IS NULL THEN
        RETURN QUERY SELECT 'taken', NULL::uuid;
    ELSE
        RETURN QUERY SELECT 'known', linked;
    END IF;
END $$;

REVOKE ALL ON FUNCTION identity_find_external(text, text) FROM PUBLIC;
REVOKE ALL ON FUNCTION identity_link_external(text, text, text, boolean, timestamptz) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION identity_find_external(text, text) TO platform_app;
GRANT EXECUTE ON FUNCTION identity_link_external(text, text, text, boolean, timestamptz) TO platform_app;
