-- Tells the queue who operates the platform and which tenants there are, by the routines it asks (Shared/Jobs, 0014). Run with every
-- migration, after the queue's own; a database without a queue has nobody to tell.
CREATE FUNCTION attach_jobs() RETURNS void
    LANGUAGE plpgsql SET search_path = public, pg_temp
    AS $attach$
BEGIN
    IF to_regprocedure('jobs.has_tenant(uuid)') IS NULL THEN
        RETURN;
    END IF;
    CREATE OR REPLACE FUNCTION jobs.is_operator(p_operator uuid) RETURNS boolean
        LANGUAGE plpgsql STABLE SET search_path = public, pg_temp
        AS $$ BEGIN RETURN EXISTS (SELECT FROM users WHERE id = p_operator AND is_operator AND disabled_at IS NULL); END $$;
    CREATE OR REPLACE PROCEDURE jobs.note_operator(p_operator uuid, p_action text, p_subject text, p_detail jsonb, p_now timestamptz)
        LANGUAGE plpgsql SET search_path = public, pg_temp
        AS $$ BEGIN CALL operator_note(p_operator, p_action, p_subject, p_detail, p_now); END $$;
    CREATE OR REPLACE FUNCTION jobs.has_tenant(p_tenant uuid) RETURNS boolean
        LANGUAGE plpgsql STABLE SET search_path = public, pg_temp
        AS $$ BEGIN RETURN EXISTS (SELECT FROM tenants WHERE id = p_tenant); END $$;
END $attach$;
REVOKE ALL ON FUNCTION attach_jobs() FROM PUBLIC;

-- Carries out what an operator wants for a tenant that has this database to itself: operators aren't known here, so the common database
-- has noted it and asked who it is. Of no other tenant and in no other database does this change anything.
CREATE FUNCTION set_placed_job_limit(p_queue text, p_permits integer, p_span interval) RETURNS void
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
DECLARE
    own CONSTANT uuid := NULLIF(current_setting('app.tenant_id', true), '')::uuid;
BEGIN
    IF NOT EXISTS (SELECT FROM directory_copies c WHERE c.tenant_id = own) THEN
        RAISE EXCEPTION 'the tenant is not placed here' USING ERRCODE = 'insufficient_privilege';
    END IF;
    PERFORM jobs.set_limit(p_queue, own, p_permits, p_span);
END $$;
REVOKE ALL ON FUNCTION set_placed_job_limit(text, integer, interval) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION set_placed_job_limit(text, integer, interval) TO platform_app;
