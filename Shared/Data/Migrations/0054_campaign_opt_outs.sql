-- Who wants no campaigns any more. Kept by address, and not by contact alone: a contact that is deleted and imported again is the same
-- person. So the address outlives its contact; without it nobody could keep to what was asked for.

CREATE TABLE campaign_opt_outs (
    tenant_id   uuid NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    id          uuid NOT NULL,
    -- An e-mail address in lower case, as contacts.email_key, or a phone number.
    address_key text NOT NULL CHECK (char_length(address_key) BETWEEN 3 AND 508),
    contact_id  uuid NOT NULL, -- no foreign key, as said; the latest who had the address
    campaign_id uuid NOT NULL, -- what made them do it; nor here
    created_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, id)
);
CREATE UNIQUE INDEX campaign_opt_outs_address_key ON campaign_opt_outs (tenant_id, address_key);
CREATE INDEX campaign_opt_outs_contact_idx ON campaign_opt_outs (tenant_id, contact_id);
CREATE INDEX campaign_opt_outs_created_idx ON campaign_opt_outs (tenant_id, created_at DESC, id DESC);
CALL protect_tenant_table('campaign_opt_outs');
CALL open_to_owner('campaign_opt_outs');
GRANT SELECT, INSERT, UPDATE, DELETE ON campaign_opt_outs TO platform_app;

-- As 0045 made it, without them. Indexes: as there; campaign_opt_outs_address_key, campaign_opt_outs_contact_idx.
CREATE OR REPLACE FUNCTION count_audience(p_pattern text, p_channel text, p_limit bigint)
    RETURNS bigint
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path = public, pg_temp SET plan_cache_mode = force_custom_plan
    AS $$
DECLARE
    tenant CONSTANT uuid := NULLIF(current_setting('app.tenant_id', true), '')::uuid;
BEGIN
    RETURN (
        SELECT count(*) FROM (
            SELECT FROM contacts c
            WHERE c.tenant_id = tenant AND (p_pattern IS NULL OR c.search LIKE p_pattern)
              AND (p_channel <> 'email' OR c.email IS NOT NULL)
              AND (p_channel NOT IN ('sms', 'whatsapp') OR c.phone IS NOT NULL)
              AND NOT EXISTS (SELECT FROM campaign_opt_outs o WHERE o.tenant_id = tenant AND o.contact_id = c.id)
              AND NOT EXISTS (
                  SELECT FROM campaign_opt_outs o
                  WHERE o.tenant_id = tenant
                    AND o.address_key = CASE WHEN p_channel IN ('sms', 'whatsapp') THEN c.phone
                        WHEN p_channel = 'email' THEN c.email_key ELSE COALESCE(c.email_key, c.phone) END)
            LIMIT p_limit) AS reached);
END $$;
