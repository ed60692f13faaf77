-- One message to many contacts.

CREATE TABLE campaigns (
    tenant_id    uuid NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    id           uuid NOT NULL,
    name         text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 200),
    channel      text NOT NULL CHECK (channel IN ('whatsapp', 'email', 'web', 'sms')),
    subject      text NOT NULL DEFAULT '' CHECK (char_length(subject) <= 200),
    body         text NOT NULL CHECK (char_length(body) <= 8000),
    status       text NOT NULL DEFAULT 'draft' CHECK (status IN ('draft', 'scheduled', 'sending', 'paused', 'sent', 'cancelled')),
    -- Whom it goes to, as asked for; campaign_recipients holds whom that turned out to be.
    audience     jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(audience) = 'object'),
    scheduled_at timestamptz,
    started_at   timestamptz,
    finished_at  timestamptz,
    recipients   integer NOT NULL DEFAULT 0 CHECK (recipients >= 0),
    sent         integer NOT NULL DEFAULT 0 CHECK (sent >= 0),
    delivered    integer NOT NULL DEFAULT 0 CHECK (delivered >= 0),
    read         integer NOT NULL DEFAULT 0 CHECK (read >= 0),
    failed       integer NOT NULL DEFAULT 0 CHECK (failed >= 0),
    job_id       uuid,
    created_by   uuid, -- no foreign key: the campaign stays when its author leaves
    created_at   timestamptz NOT NULL DEFAULT now(),
    updated_at   timestamptz NOT NULL DEFAULT now(),
    version      bigint NOT NULL DEFAULT 1,
    search       text NOT NULL GENERATED ALWAYS AS (lower(name || ' ' || subject)) STORED,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT campaigns_schedule CHECK (status <> 'scheduled' OR scheduled_at IS NOT NULL)
);
CREATE INDEX campaigns_created_idx ON campaigns (tenant_id, created_at DESC, id DESC);
CREATE INDEX campaigns_status_idx ON campaigns (tenant_id, status, created_at DESC, id DESC);
CALL protect_tenant_table('campaigns');
GRANT SELECT, INSERT, UPDATE, DELETE ON campaigns TO platform_app;

-- One row a contact makes sending at most once a contact a matter of the primary key. With the contact its row goes, for it
-- is about a person; the campaign's counters stay.
CREATE TABLE campaign_recipients (
    tenant_id   uuid NOT NULL,
    campaign_id uuid NOT NULL,
    contact_id  uuid NOT NULL,
    address     text NOT NULL CHECK (char_length(address) BETWEEN 3 AND 254),
    state       text NOT NULL DEFAULT 'pending' CHECK (state IN ('pending', 'sending', 'sent', 'delivered', 'read', 'failed', 'skipped')),
    external_id text CHECK (char_length(external_id) BETWEEN 1 AND 200),
    error       text CHECK (char_length(error) <= 1000),
    sent_at     timestamptz,
    updated_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, campaign_id, contact_id),
    FOREIGN KEY (tenant_id, campaign_id) REFERENCES campaigns (tenant_id, id) ON DELETE CASCADE,
    FOREIGN KEY (tenant_id, contact_id) REFERENCES contacts (tenant_id, id) ON DELETE CASCADE
);
-- The next ones to send, and the list by state.
CREATE INDEX campaign_recipients_state_idx ON campaign_recipients (tenant_id, campaign_id, state, contact_id);
CREATE INDEX campaign_recipients_contact_idx ON campaign_recipients (tenant_id, contact_id);
CREATE UNIQUE INDEX campaign_recipients_external_key ON campaign_recipients (tenant_id, external_id) WHERE external_id IS NOT NULL;
CALL protect_tenant_table('campaign_recipients');
GRANT SELECT, INSERT, UPDATE, DELETE ON campaign_recipients TO platform_app;
