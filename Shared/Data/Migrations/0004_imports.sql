-- Uploaded contact files on their way through the queue.

CREATE TABLE imports (
    tenant_id   uuid NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    id          uuid NOT NULL,
    file_name   text NOT NULL CHECK (char_length(file_name) BETWEEN 1 AND 255),
    status      text NOT NULL DEFAULT 'queued' CHECK (status IN ('queued', 'running', 'completed', 'failed', 'cancelled')),
    total_bytes bigint NOT NULL CHECK (total_bytes > 0),
    rows_total  bigint NOT NULL DEFAULT 0,
    rows_done   bigint NOT NULL DEFAULT 0,
    imported    bigint NOT NULL DEFAULT 0,
    rejected    bigint NOT NULL DEFAULT 0,
    error       text,
    job_id      uuid NOT NULL,
    created_by  uuid NOT NULL REFERENCES users (id),
    created_at  timestamptz NOT NULL DEFAULT now(),
    started_at  timestamptz,
    finished_at timestamptz,
    PRIMARY KEY (tenant_id, id)
);
CREATE INDEX imports_created_idx ON imports (tenant_id, created_at DESC, id DESC);
CALL protect_tenant_table('imports');
GRANT SELECT, INSERT, UPDATE, DELETE ON imports TO platform_app;

-- The file in pieces of 256 KiB, numbered from 0; deleted once the import has finished.
CREATE TABLE import_chunks (
    tenant_id uuid NOT NULL,
    import_id uuid NOT NULL,
    number    integer NOT NULL CHECK (number >= 0),
    content   bytea NOT NULL,
    PRIMARY KEY (tenant_id, import_id, number),
    FOREIGN KEY (tenant_id, import_id) REFERENCES imports (tenant_id, id) ON DELETE CASCADE DEFERRABLE INITIALLY DEFERRED
);
-- Short-lived and read once: compressing them costs more than it saves.
ALTER TABLE import_chunks ALTER COLUMN content SET STORAGE EXTERNAL;
CALL protect_tenant_table('import_chunks');
GRANT SELECT, INSERT, UPDATE, DELETE ON import_chunks TO platform_app;

-- Rows of the file that didn't become contacts. row_number counts records after the header, from 1.
CREATE TABLE import_rejections (
    tenant_id  uuid NOT NULL,
    import_id  uuid NOT NULL,
    row_number bigint NOT NULL CHECK (row_number > 0),
    line       text NOT NULL,
    reason     text NOT NULL,
    PRIMARY KEY (tenant_id, import_id, row_number),
    FOREIGN KEY (tenant_id, import_id) REFERENCES imports (tenant_id, id) ON DELETE CASCADE
);
CALL protect_tenant_table('import_rejections');
GRANT SELECT, INSERT, UPDATE, DELETE ON import_rejections TO platform_app;
