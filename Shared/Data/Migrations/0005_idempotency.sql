-- Answers already given to requests with an Idempotency-Key, kept a day.

CREATE TABLE idempotency_records (
    tenant_id   uuid NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    route       text NOT NULL CHECK (char_length(route) <= 200),
    key         text NOT NULL CHECK (char_length(key) BETWEEN 1 AND 200),
    fingerprint bytea NOT NULL,
    status      integer NOT NULL,
    headers     jsonb NOT NULL,
    body        bytea NOT NULL,
    created_at  timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, route, key)
);
CREATE INDEX idempotency_records_age_idx ON idempotency_records (tenant_id, created_at);
CALL protect_tenant_table('idempotency_records');
GRANT SELECT, INSERT, DELETE ON idempotency_records TO platform_app;
