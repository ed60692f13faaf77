-- Unhandled exceptions of all services, one row a kind of error: for the platform's operators, of no tenant. Whoever writes
-- here keeps personal data and secrets out of the message.
CREATE TABLE errors (
    fingerprint text PRIMARY KEY CHECK (char_length(fingerprint) BETWEEN 1 AND 64),
    service     text NOT NULL CHECK (char_length(service) BETWEEN 1 AND 100),
    type        text NOT NULL CHECK (char_length(type) BETWEEN 1 AND 300),
    message     text NOT NULL CHECK (char_length(message) <= 1000),
    stack       text NOT NULL DEFAULT '' CHECK (char_length(stack) <= 8000),
    trace_id    text CHECK (trace_id ~ '^[0-9a-f]{32}$'), -- of the last one
    count       bigint NOT NULL DEFAULT 1 CHECK (count > 0),
    first_seen  timestamptz NOT NULL,
    last_seen   timestamptz NOT NULL,
    resolved_at timestamptz
);
CREATE INDEX errors_last_seen_idx ON errors (last_seen DESC, fingerprint DESC);
GRANT SELECT, INSERT, UPDATE, DELETE ON errors TO platform_app;
