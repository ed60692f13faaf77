-- Ids are UUIDv7 here as everywhere else: new lines lie beside each other in their index.
ALTER TABLE operator_audit ALTER COLUMN id SET DEFAULT uuidv7();

-- As in 0015, but for the id.
-- Actions: suspend, resume, plan. False when there is no such tenant. Its own people read of it in their audit log, too.
-- Index: tenants_pkey.
CREATE OR REPLACE FUNCTION operator_change_tenant(p_operator uuid, p_tenant uuid, p_action text, p_plan text, p_now timestamptz)
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
    VALUES (p_tenant, uuidv7(), p_now, p_operator, 'tenant.' || p_action, p_tenant::text,
            jsonb_strip_nulls(jsonb_build_object('plan', p_plan, 'by', 'operator')));
    RETURN true;
END $$;
