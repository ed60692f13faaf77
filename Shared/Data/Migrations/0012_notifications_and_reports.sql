-- What the platform tells its users, and what it writes for them.

CREATE TABLE notifications (
    tenant_id  uuid NOT NULL,
    id         uuid NOT NULL,
    user_id    uuid NOT NULL,
    kind       text NOT NULL CHECK (kind ~ '^[a-z_.]{1,60}$'),
    title      text NOT NULL CHECK (char_length(title) BETWEEN 1 AND 200),
    body       text NOT NULL DEFAULT '' CHECK (char_length(body) <= 2000),
    link       text CHECK (char_length(link) <= 500 AND link ~ '^/($|[^/\\])'), -- a page of this platform, never of another
    read_at    timestamptz,
    read       boolean NOT NULL GENERATED ALWAYS AS (read_at IS NOT NULL) STORED,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (tenant_id, id),
    FOREIGN KEY (tenant_id, user_id) REFERENCES memberships (tenant_id, user_id) ON DELETE CASCADE
);
CREATE INDEX notifications_user_idx ON notifications (tenant_id, user_id, created_at DESC, id DESC);
CREATE INDEX notifications_read_idx ON notifications (tenant_id, user_id, read, created_at DESC, id DESC);
CALL protect_tenant_table('notifications');
GRANT SELECT, INSERT, UPDATE, DELETE ON notifications TO platform_app;

CREATE TABLE reports (
    tenant_id   uuid NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    id          uuid NOT NULL,
    kind        text NOT NULL CHECK (kind ~ '^[a-z_]{1,60}$'),
    title       text NOT NULL CHECK (char_length(title) BETWEEN 1 AND 200),
    parameters  jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(parameters) = 'object'),
    status      text NOT NULL DEFAULT 'queued' CHECK (status IN ('queued', 'running', 'completed', 'failed', 'cancelled', 'expired')),
    job_id      uuid,
    rows        bigint NOT NULL DEFAULT 0 CHECK (rows >= 0),
    file_name   text CHECK (char_length(file_name) BETWEEN 1 AND 255),
    file_bytes  bigint CHECK (file_bytes >= 0),
    error       text CHECK (char_length(error) <= 1000),
    created_by  uuid, -- no foreign key: the report stays when its author leaves
    created_at  timestamptz NOT NULL DEFAULT now(),
    finished_at timestamptz,
    expires_at  timestamptz, -- when its file is deleted
    version     bigint NOT NULL DEFAULT 1,
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX reports_created_idx ON reports (tenant_id, created_at DESC, id DESC);
CREATE INDEX reports_status_idx ON reports (tenant_id, status, created_at DESC, id DESC);
CREATE INDEX reports_expiry_idx ON reports (tenant_id, expires_at) WHERE status = 'completed';
CALL protect_tenant_table('reports');
GRANT SELECT, INSERT, UPDATE, DELETE ON reports TO platform_app;

-- The finished file in pieces of 256 KiB, numbered from 0, as import_chunks keep theirs.
CREATE TABLE report_files (
    tenant_id uuid NOT NULL,
    report_id uuid NOT NULL,
    number    integer NOT NULL CHECK (number >= 0),
    content   bytea NOT NULL,
    PRIMARY KEY (tenant_id, report_id, number),
    FOREIGN KEY (tenant_id, report_id) REFERENCES reports (tenant_id, id) ON DELETE CASCADE
);
ALTER TABLE report_files ALTER COLUMN content SET STORAGE EXTERNAL;
CALL protect_tenant_table('report_files');
GRANT SELECT, INSERT, DELETE ON report_files TO platform_app;
