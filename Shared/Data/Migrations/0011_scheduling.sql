-- A tenant's professionals and what is booked with them.

CREATE EXTENSION IF NOT EXISTS btree_gist;

CREATE TABLE professionals (
    tenant_id   uuid NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    id          uuid NOT NULL,
    name        text NOT NULL CHECK (char_length(name) BETWEEN 1 AND 200),
    title       text NOT NULL DEFAULT '' CHECK (char_length(title) <= 100),
    email       text CHECK (char_length(email) BETWEEN 3 AND 254),
    phone       text CHECK (phone ~ '^\+?[0-9]{7,15}$'),
    specialties text[] NOT NULL DEFAULT '{}' CHECK (cardinality(specialties) <= 20),
    time_zone   text NOT NULL DEFAULT 'UTC' CHECK (char_length(time_zone) BETWEEN 1 AND 64),
    active      boolean NOT NULL DEFAULT true,
    created_at  timestamptz NOT NULL DEFAULT now(),
    updated_at  timestamptz NOT NULL DEFAULT now(),
    version     bigint NOT NULL DEFAULT 1,
    -- A tenant has few of them: LIKE on this filters what professionals_created_idx gives, without an index of its own.
    search      text NOT NULL GENERATED ALWAYS AS (lower(name || ' ' || title || ' ' || COALESCE(email, ''))) STORED,
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX professionals_created_idx ON professionals (tenant_id, created_at DESC, id DESC);
CREATE INDEX professionals_name_idx ON professionals (tenant_id, name, id);
CALL protect_tenant_table('professionals');
GRANT SELECT, INSERT, UPDATE, DELETE ON professionals TO platform_app;

CREATE TABLE events (
    tenant_id       uuid NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    id              uuid NOT NULL,
    title           text NOT NULL CHECK (char_length(title) BETWEEN 1 AND 200),
    professional_id uuid NOT NULL,
    contact_id      uuid,
    starts_at       timestamptz NOT NULL,
    ends_at         timestamptz NOT NULL,
    status          text NOT NULL DEFAULT 'scheduled' CHECK (status IN ('scheduled', 'confirmed', 'completed', 'cancelled', 'no_show')),
    location        text NOT NULL DEFAULT '' CHECK (char_length(location) <= 200),
    notes           text NOT NULL DEFAULT '' CHECK (char_length(notes) <= 4000),
    created_by      uuid, -- no foreign key: the booking stays when its author leaves
    created_at      timestamptz NOT NULL DEFAULT now(),
    updated_at      timestamptz NOT NULL DEFAULT now(),
    version         bigint NOT NULL DEFAULT 1,
    search          text NOT NULL GENERATED ALWAYS AS (lower(title || ' ' || location)) STORED,
    PRIMARY KEY (tenant_id, id),
    -- Who has bookings isn't deleted but made inactive.
    FOREIGN KEY (tenant_id, professional_id) REFERENCES professionals (tenant_id, id) ON DELETE RESTRICT,
    -- That the time was taken stays true without the contact.
    FOREIGN KEY (tenant_id, contact_id) REFERENCES contacts (tenant_id, id) ON DELETE SET NULL (contact_id),
    CONSTRAINT events_duration CHECK (starts_at < ends_at AND ends_at <= starts_at + interval '7 days'),
    -- Nobody is in two places: what is still to happen may not overlap; one that ends as the next begins does not.
    CONSTRAINT events_no_double_booking EXCLUDE USING gist
        (tenant_id WITH =, professional_id WITH =, tstzrange(starts_at, ends_at) WITH &&) WHERE (status IN ('scheduled', 'confirmed'))
);
CREATE INDEX events_starts_idx ON events (tenant_id, starts_at DESC, id DESC);
CREATE INDEX events_status_idx ON events (tenant_id, status, starts_at DESC, id DESC);
CREATE INDEX events_professional_idx ON events (tenant_id, professional_id, starts_at DESC, id DESC);
CREATE INDEX events_contact_idx ON events (tenant_id, contact_id, starts_at DESC, id DESC);
CREATE INDEX events_search_idx ON events USING gin (tenant_id, search gin_trgm_ops);
CALL protect_tenant_table('events');
CALL open_to_owner('events');
GRANT SELECT, INSERT, UPDATE, DELETE ON events TO platform_app;

-- As search_contacts (see 0006 for why and how), latest start first. A NULL filter is none; p_from is included, p_to isn't.
-- Indexes: events_starts_idx or the one of a filter, then events_search_idx.
CREATE FUNCTION search_events(
    p_pattern text, p_status text, p_professional uuid, p_contact uuid, p_from timestamptz, p_to timestamptz,
    p_before timestamptz, p_before_id uuid, p_skip bigint, p_take bigint)
    RETURNS SETOF events
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path = public, pg_temp SET plan_cache_mode = force_custom_plan
    AS $$
DECLARE
    tenant CONSTANT uuid := NULLIF(current_setting('app.tenant_id', true), '')::uuid;
    newest events[];
BEGIN
    SELECT array_agg(page) INTO newest FROM (
        SELECT e FROM (
            SELECT * FROM events
            WHERE tenant_id = tenant
              AND (p_status IS NULL OR status = p_status) AND (p_professional IS NULL OR professional_id = p_professional)
              AND (p_contact IS NULL OR contact_id = p_contact)
              AND (p_from IS NULL OR starts_at >= p_from) AND (p_to IS NULL OR starts_at < p_to)
              AND (p_before IS NULL OR (starts_at, id) < (p_before, p_before_id))
            ORDER BY starts_at DESC, id DESC
            LIMIT 2000) AS e
        WHERE e.search LIKE p_pattern
        OFFSET p_skip LIMIT p_take) AS found (page);
    IF COALESCE(cardinality(newest), 0) = p_take THEN
        RETURN QUERY SELECT * FROM unnest(newest);
    ELSE
        RETURN QUERY
            SELECT e.* FROM events e
            WHERE e.tenant_id = tenant AND e.search LIKE p_pattern
              AND (p_status IS NULL OR e.status = p_status) AND (p_professional IS NULL OR e.professional_id = p_professional)
              AND (p_contact IS NULL OR e.contact_id = p_contact)
              AND (p_from IS NULL OR e.starts_at >= p_from) AND (p_to IS NULL OR e.starts_at < p_to)
              AND (p_before IS NULL OR (e.starts_at, e.id) < (p_before, p_before_id))
            ORDER BY e.starts_at DESC, e.id DESC
            OFFSET p_skip LIMIT p_take;
    END IF;
END $$;

-- How many match, counting no further than p_limit. Index: events_search_idx.
CREATE FUNCTION count_events(
    p_pattern text, p_status text, p_professional uuid, p_contact uuid, p_from timestamptz, p_to timestamptz, p_limit bigint)
    RETURNS bigint
    LANGUAGE plpgsql STABLE SECURITY DEFINER
    SET search_path = public, pg_temp SET plan_cache_mode = force_custom_plan
    AS $$
DECLARE
    tenant CONSTANT uuid := NULLIF(current_setting('app.tenant_id', true), '')::uuid;
BEGIN
    RETURN (
        SELECT count(*) FROM (
            SELECT FROM events e
            WHERE e.tenant_id = tenant AND e.search LIKE p_pattern
              AND (p_status IS NULL OR e.status = p_status) AND (p_professional IS NULL OR e.professional_id = p_professional)
              AND (p_contact IS NULL OR e.contact_id = p_contact)
              AND (p_from IS NULL OR e.starts_at >= p_from) AND (p_to IS NULL OR e.starts_at < p_to)
            LIMIT p_limit) AS matching);
END $$;

REVOKE ALL ON FUNCTION search_events(
    text, text, uuid, uuid, timestamptz, timestamptz, timestamptz, uuid, bigint, bigint) FROM PUBLIC;
REVOKE ALL ON FUNCTION count_events(text, text, uuid, uuid, timestamptz, timestamptz, bigint) FROM PUBLIC;
GRANT EXECUTE ON FUNCTION search_events(
    text, text, uuid, uuid, timestamptz, timestamptz, timestamptz, uuid, bigint, bigint) TO platform_app;
GRANT EXECUTE ON FUNCTION count_events(text, text, uuid, uuid, timestamptz, timestamptz, bigint) TO platform_app;
