-- Pictures people upload, and what a job makes of them. A member has an avatar in each tenant of his or hers, a tenant a logo.

CREATE TABLE images (
    tenant_id  uuid NOT NULL REFERENCES tenants (id) ON DELETE CASCADE,
    kind       text NOT NULL CHECK (kind IN ('avatar', 'logo')),
    owner_id   uuid NOT NULL, -- the member, or the tenant itself
    user_id    uuid GENERATED ALWAYS AS (CASE kind WHEN 'avatar' THEN owner_id END) STORED,
    upload_id  uuid NOT NULL, -- the last one
    job_id     uuid NOT NULL,
    status     text NOT NULL DEFAULT 'queued' CHECK (status IN ('queued', 'completed', 'failed')), -- of that upload
    error      text CHECK (char_length(error) <= 500),
    updated_at timestamptz NOT NULL DEFAULT now(),
    version    bigint NOT NULL DEFAULT 1,
    PRIMARY KEY (tenant_id, kind, owner_id),
    CONSTRAINT images_logo CHECK (kind <> 'logo' OR owner_id = tenant_id),
    FOREIGN KEY (tenant_id, user_id) REFERENCES memberships (tenant_id, user_id) ON DELETE CASCADE
);
CREATE INDEX images_user_idx ON images (tenant_id, user_id);
CREATE UNIQUE INDEX images_upload_key ON images (tenant_id, upload_id);
CALL protect_tenant_table('images');
GRANT SELECT, INSERT, UPDATE, DELETE ON images TO platform_app;

-- The last upload as it came, metadata and all: read by the job alone, and gone when that has ended for good.
CREATE TABLE image_uploads (
    tenant_id uuid NOT NULL,
    kind      text NOT NULL,
    owner_id  uuid NOT NULL,
    content   bytea NOT NULL,
    PRIMARY KEY (tenant_id, kind, owner_id),
    FOREIGN KEY (tenant_id, kind, owner_id) REFERENCES images (tenant_id, kind, owner_id) ON DELETE CASCADE
);
-- Compressed already.
ALTER TABLE image_uploads ALTER COLUMN content SET STORAGE EXTERNAL;
CALL protect_tenant_table('image_uploads');
GRANT SELECT, INSERT, DELETE ON image_uploads TO platform_app;

-- What is shown, by the hash of its content: a file never changes, another picture has another name.
CREATE TABLE image_files (
    tenant_id uuid NOT NULL,
    kind      text NOT NULL,
    owner_id  uuid NOT NULL,
    size      integer NOT NULL CHECK (size > 0),
    hash      text NOT NULL CHECK (hash ~ '^[0-9a-f]{64}$'),
    width     integer NOT NULL CHECK (width > 0),
    height    integer NOT NULL CHECK (height > 0),
    content   bytea NOT NULL,
    PRIMARY KEY (tenant_id, kind, owner_id, size),
    FOREIGN KEY (tenant_id, kind, owner_id) REFERENCES images (tenant_id, kind, owner_id) ON DELETE CASCADE
);
CREATE INDEX image_files_hash_idx ON image_files (tenant_id, hash);
ALTER TABLE image_files ALTER COLUMN content SET STORAGE EXTERNAL;
CALL protect_tenant_table('image_files');
GRANT SELECT, INSERT, DELETE ON image_files TO platform_app;
