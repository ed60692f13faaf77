-- Tenants whose turn is longer than others': while several wait, they get this many times a single share. A tenant that isn't in
-- here has weight 1, so the table can be empty, and costs claims nothing then. Written by whoever runs the queue, as the role
-- platform_queue or through the owner's functions; services have no business here.
SET LOCAL lock_timeout = '10s';

CREATE TABLE jobs.tenant_weights (
    tenant_id uuid     NOT NULL PRIMARY KEY,
    weight    smallint NOT NULL CHECK (weight BETWEEN 2 AND 100)
);
ALTER TABLE jobs.tenant_weights ENABLE ROW LEVEL SECURITY;
ALTER TABLE jobs.tenant_weights FORCE ROW LEVEL SECURITY;
CREATE POLICY engine ON jobs.tenant_weights TO platform_queue USING (true) WITH CHECK (true);
CREATE POLICY owner ON jobs.tenant_weights TO platform_owner USING (true) WITH CHECK (true);
GRANT SELECT, INSERT, UPDATE, DELETE ON jobs.tenant_weights TO platform_queue;

-- Index: tenant_weights_pkey. Writes nothing when the weight is what it was.
CREATE FUNCTION jobs.set_weight(p_tenant uuid, p_weight integer) RETURNS void
    LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp
    AS $$
BEGIN
    IF p_weight IS NULL OR p_weight NOT BETWEEN 1 AND 100 THEN
        RAISE EXCEPTION 'a weight is 1 to 100' USING ERRCODE = 'check_violation';
    ELSIF p_weight = 1 THEN
        DELETE FROM jobs.tenant_weights w WHERE w.tenant_id = p_tenant;
    ELSE
        INSERT INTO jobs.tenant_weights AS w (tenant_id, weight) VALUES (p_tenant, p_weight)
        ON CONFLICT (tenant_id) DO UPDATE SET weight = EXCLUDED.weight WHERE w.weight <> EXCLUDED.weight;
    END IF;
END $$;
REVOKE ALL ON FUNCTION jobs.set_weight(uuid, integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION jobs.set_weight(uuid, integer) TO platform_queue;
