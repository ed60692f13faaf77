-- What tenants subscribe to, what they pay and what they have used.

-- Reference data of the whole deployment, the same for every tenant; NULL is no limit. Changing a price or a limit is a
-- migration, so that every database says the same.
CREATE TABLE plans (
    name                text PRIMARY KEY CHECK (name ~ '^[a-z]{1,20}$'),
    title               text NOT NULL CHECK (char_length(title) BETWEEN 1 AND 60),
    rank                smallint NOT NULL UNIQUE,
    seats               integer CHECK (seats > 0),
    contacts            integer CHECK (contacts > 0),
    monthly_messages    integer CHECK (monthly_messages > 0),
    requests_per_minute integer NOT NULL CHECK (requests_per_minute > 0),
    features            text[] NOT NULL,
    price_cents         bigint NOT NULL CHECK (price_cents >= 0), -- a seat and month
    currency            text NOT NULL CHECK (currency ~ '^[A-Z]{3}$')
);
INSERT INTO plans (name, title, rank, seats, contacts, monthly_messages, requests_per_minute, features, price_cents, currency) VALUES
    ('free', 'Free', 1, 3, 1000, 1000, 100, '{conversations,events}', 0, 'EUR'),
    ('pro', 'Pro', 2, 25, 100000, 50000, 500, '{conversations,events,campaigns,reports,webhooks}', 2900, 'EUR'),
    ('enterprise', 'Enterprise', 3, NULL, NULL, NULL, 2000, '{conversations,events,campaigns,reports,webhooks,api_keys,audit}', 5900, 'EUR');
GRANT SELECT ON plans TO platform_app;

ALTER TABLE tenants DROP CONSTRAINT tenants_plan_check, ADD FOREIGN KEY (plan) REFERENCES plans (name), ADD UNIQUE (id, plan);

CREATE TABLE tenant_settings (
    tenant_id   uuid PRIMARY KEY REFERENCES tenants (id) ON DELETE CASCADE,
    time_zone   text NOT NULL DEFAULT 'UTC' CHECK (char_length(time_zone) BETWEEN 1 AND 64),
    locale      text NOT NULL DEFAULT 'en' CHECK (locale ~ '^[a-z]{2,3}(-[A-Za-z0-9]{2,8}){0,2}$'),
    brand_color text NOT NULL DEFAULT '#3b5bdb' CHECK (brand_color ~ '^#[0-9a-f]{6}$'),
    updated_at  timestamptz NOT NULL DEFAULT now(),
    version     bigint NOT NULL DEFAULT 1
);
CALL protect_tenant_table('tenant_settings');
GRANT SELECT, INSERT, UPDATE ON tenant_settings TO platform_app;

-- The one subscription of a tenant. Its plan is the tenant's: the foreign key lets them never differ, and a change of
-- tenants.plan comes here by itself.
CREATE TABLE subscriptions (
    tenant_id            uuid PRIMARY KEY REFERENCES tenants (id) ON DELETE CASCADE,
    plan                 text NOT NULL,
    status               text NOT NULL CHECK (status IN ('trialing', 'active', 'past_due', 'cancelled')),
    seats                integer NOT NULL CHECK (seats > 0),
    period_start         timestamptz NOT NULL,
    period_end           timestamptz NOT NULL,
    cancel_at_period_end boolean NOT NULL DEFAULT false,
    trial_end            timestamptz,
    created_at           timestamptz NOT NULL DEFAULT now(),
    updated_at           timestamptz NOT NULL DEFAULT now(),
    version              bigint NOT NULL DEFAULT 1,
    CONSTRAINT subscriptions_period CHECK (period_start < period_end),
    FOREIGN KEY (tenant_id, plan) REFERENCES tenants (id, plan) ON UPDATE CASCADE
);
CALL protect_tenant_table('subscriptions');
GRANT SELECT, INSERT, UPDATE ON subscriptions TO platform_app;

-- The services can't write tenants; this changes the current tenant's plan and nothing else. Index: tenants_pkey.
CREATE PROCEDURE change_plan(p_plan text)
    LANGUAGE sql SECURITY DEFINER SET search_path = public, pg_temp
    AS $$ UPDATE tenants SET plan = p_plan WHERE id = NULLIF(current_setting('app.tenant_id', true), '')::uuid $$;
REVOKE ALL ON PROCEDURE change_plan(text) FROM PUBLIC;
GRANT EXECUTE ON PROCEDURE change_plan(text) TO platform_app;

-- What was used in a period, counted up as it happens: one row a metric and month, period is its first day.
CREATE TABLE usage_counters (
    tenant_id uuid NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    metric    text NOT NULL CHECK (metric ~ '^[a-z_]{1,40}$'),
    period    date NOT NULL,
    value     bigint NOT NULL DEFAULT 0 CHECK (value >= 0),
    PRIMARY KEY (tenant_id, metric, period)
);
CALL protect_tenant_table('usage_counters');
GRANT SELECT, INSERT, UPDATE ON usage_counters TO platform_app;

-- Keys are texts made by SecretProtector, never the keys themselves; a hint is the last characters, to show a masked one
-- without decrypting it.
CREATE TABLE billing_settings (
    tenant_id           uuid PRIMARY KEY REFERENCES tenants (id) ON DELETE CASCADE,
    provider            text NOT NULL DEFAULT 'none' CHECK (provider IN ('none', 'stripe', 'adyen', 'mollie')),
    secret_key          text CHECK (char_length(secret_key) <= 4000),
    secret_key_hint     text CHECK (char_length(secret_key_hint) <= 8),
    webhook_secret      text CHECK (char_length(webhook_secret) <= 4000),
    webhook_secret_hint text CHECK (char_length(webhook_secret_hint) <= 8),
    currency            text NOT NULL DEFAULT 'EUR' CHECK (currency ~ '^[A-Z]{3}$'),
    billing_email       text CHECK (char_length(billing_email) BETWEEN 3 AND 254),
    company             text CHECK (char_length(company) BETWEEN 1 AND 200),
    tax_id              text CHECK (char_length(tax_id) BETWEEN 1 AND 40),
    updated_at          timestamptz NOT NULL DEFAULT now(),
    version             bigint NOT NULL DEFAULT 1
);
CALL protect_tenant_table('billing_settings');
GRANT SELECT, INSERT, UPDATE ON billing_settings TO platform_app;

CREATE TABLE invoices (
    tenant_id    uuid NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    id           uuid NOT NULL,
    number       text NOT NULL CHECK (char_length(number) BETWEEN 1 AND 40),
    description  text NOT NULL DEFAULT '' CHECK (char_length(description) <= 500),
    amount_cents bigint NOT NULL,
    currency     text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    status       text NOT NULL CHECK (status IN ('draft', 'open', 'paid', 'void', 'uncollectible')),
    issued_at    timestamptz NOT NULL,
    due_at       timestamptz NOT NULL,
    paid_at      timestamptz,
    version      bigint NOT NULL DEFAULT 1,
    PRIMARY KEY (tenant_id, id),
    UNIQUE (tenant_id, number),
    CONSTRAINT invoices_paid CHECK ((status = 'paid') = (paid_at IS NOT NULL))
);
-- The list, newest first, and the months of the analytics.
CREATE INDEX invoices_issued_idx ON invoices (tenant_id, issued_at DESC, id DESC);
CALL protect_tenant_table('invoices');
GRANT SELECT, INSERT, UPDATE ON invoices TO platform_app;
