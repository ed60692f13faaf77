-- What a plan allows, asked for where it is used. Both run as whoever asks, under the policies, for the current tenant.

-- So far nobody was held to them, and they were set too low for what tenants do: a list of 10,000 is an ordinary first import.
UPDATE plans SET contacts = CASE name WHEN 'free' THEN 25000 ELSE 1000000 END WHERE name IN ('free', 'pro');

-- How many contacts there are and may be, before some are added in the same transaction. Counting them is adding up at most 16 rows
-- (0014), so that is done each time. Far from the limit nobody waits; within the last 20,000 those who add take turns until they have
-- committed: so many more than are counted could be on their way then, from imports that each add 2,000 at a time. Always
-- before the rows are added, so that nobody who waits here has what another waits for. Indexes: tenants_pkey, plans_pkey,
-- tenant_row_counts_pkey.
CREATE FUNCTION contact_room(p_wanted integer, OUT used bigint, OUT allowed bigint)
    LANGUAGE plpgsql SET search_path = public, pg_temp
    AS $$
DECLARE
    own CONSTANT uuid := NULLIF(current_setting('app.tenant_id', true), '')::uuid;
BEGIN
    SELECT p.contacts INTO allowed FROM tenants t JOIN plans p ON p.name = t.plan WHERE t.id = own;
    SELECT COALESCE(sum(c.rows), 0) INTO used FROM tenant_row_counts c WHERE c.tenant_id = own AND c.relation = 'contacts';
    IF used + p_wanted > allowed - 20000 THEN -- not without a limit: then it is NULL
        PERFORM pg_advisory_xact_lock(hashtextextended('contact_room ' || own, 0));
        -- A statement of its own sees what was committed while it waited.
        SELECT COALESCE(sum(c.rows), 0) INTO used FROM tenant_row_counts c WHERE c.tenant_id = own AND c.relation = 'contacts';
    END IF;
END $$;

-- Counts messages that are sent in this calendar month, UTC, if the plan allows them: in one statement, so of two at once only one gets
-- the last. Call it as the last thing of a transaction, for the count is locked until its end; what one tenant sends
-- is bounded by its rate limit and the pace of campaigns. Indexes: tenants_pkey, plans_pkey, usage_counters_pkey.
CREATE FUNCTION use_messages(p_count integer, OUT taken boolean, OUT used bigint, OUT allowed bigint)
    LANGUAGE plpgsql SET search_path = public, pg_temp
    AS $$
DECLARE
    own CONSTANT uuid := NULLIF(current_setting('app.tenant_id', true), '')::uuid;
    month CONSTANT date := date_trunc('month', now() AT TIME ZONE 'UTC')::date;
BEGIN
    SELECT p.monthly_messages INTO allowed FROM tenants t JOIN plans p ON p.name = t.plan WHERE t.id = own;
    INSERT INTO usage_counters AS c (tenant_id, metric, period, value)
    SELECT own, 'messages', month, p_count WHERE allowed IS NULL OR p_count <= allowed
    ON CONFLICT (tenant_id, metric, period) DO UPDATE SET value = c.value + p_count WHERE allowed IS NULL OR c.value + p_count <= allowed
    RETURNING c.value INTO used;
    taken := FOUND;
    IF NOT taken THEN
        SELECT COALESCE((SELECT c.value FROM usage_counters c WHERE c.tenant_id = own AND c.metric = 'messages' AND c.period = month), 0) INTO used;
    END IF;
END $$;

REVOKE ALL ON FUNCTION contact_room(integer) FROM PUBLIC;
REVOKE ALL ON FUNCTION use_messages(integer) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION contact_room(integer) TO platform_app;
GRANT EXECUTE ON FUNCTION use_messages(integer) TO platform_app;
