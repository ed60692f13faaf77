-- A plan's say in how jobs take turns: while several tenants wait, one with weight 4 gets four times the share of one with 1. The
-- queue knows weights and no plans; this keeps what it knows right wherever a plan is assigned.
SET LOCAL lock_timeout = '10s';

ALTER TABLE plans ADD COLUMN job_weight smallint NOT NULL DEFAULT 1 CHECK (job_weight BETWEEN 1 AND 100);
UPDATE plans SET job_weight = 2 WHERE name = 'pro';
UPDATE plans SET job_weight = 4 WHERE name = 'enterprise';

-- In the very transaction that changes the plan. A database without a queue (or not yet) has nobody to tell.
CREATE FUNCTION tell_job_weight() RETURNS trigger
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
BEGIN
    IF to_regprocedure('jobs.set_weight(uuid, integer)') IS NOT NULL THEN
        IF TG_OP = 'DELETE' THEN
            PERFORM jobs.set_weight(OLD.id, 1);
        ELSE
            PERFORM jobs.set_weight(NEW.id, (SELECT p.job_weight FROM plans p WHERE p.name = NEW.plan));
        END IF;
    END IF;
    RETURN NULL;
END $$;
CREATE TRIGGER job_weight AFTER INSERT OR DELETE OR UPDATE OF plan ON tenants FOR EACH ROW EXECUTE FUNCTION tell_job_weight();

-- Sets right what no trigger could: tenants older than the queue, plans whose weight has changed, a restored backup. Run with
-- every migration; writes only what differs. Locks the tenants it changes, so that a plan can't change beneath it.
-- Index: none, it compares all tenants with all weights.
CREATE FUNCTION align_job_weights() RETURNS bigint
    LANGUAGE plpgsql SECURITY DEFINER SET search_path = public, pg_temp
    AS $$
DECLARE
    changed bigint := 0;
    stale record;
BEGIN
    IF to_regprocedure('jobs.set_weight(uuid, integer)') IS NULL THEN
        RETURN 0;
    END IF;
    FOR stale IN
        SELECT t.id FROM tenants t JOIN plans p ON p.name = t.plan LEFT JOIN jobs.tenant_weights w ON w.tenant_id = t.id
        WHERE p.job_weight <> coalesce(w.weight, 1)
        ORDER BY t.id
    LOOP
        PERFORM FROM tenants t WHERE t.id = stale.id FOR SHARE;
        PERFORM jobs.set_weight(stale.id, coalesce(
            (SELECT p.job_weight::integer FROM tenants t JOIN plans p ON p.name = t.plan WHERE t.id = stale.id), 1));
        changed := changed + 1;
    END LOOP;
    FOR stale IN
        SELECT w.tenant_id AS id FROM jobs.tenant_weights w WHERE NOT EXISTS (SELECT FROM tenants t WHERE t.id = w.tenant_id)
    LOOP
        PERFORM jobs.set_weight(stale.id, 1);
        changed := changed + 1;
    END LOOP;
    RETURN changed;
END $$;

REVOKE ALL ON FUNCTION tell_job_weight() FROM PUBLIC;
REVOKE ALL ON FUNCTION align_job_weights() FROM PUBLIC;
