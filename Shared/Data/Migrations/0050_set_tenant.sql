-- The same as before in a language that keeps its plan: a procedure in SQL is parsed and planned anew in every call, which
-- took longer than reading a row by its key.
CREATE OR REPLACE PROCEDURE set_tenant(tenant uuid)
    LANGUAGE plpgsql
    AS $$
BEGIN
    PERFORM set_config('app.tenant_id', tenant::text, true);
END $$;
