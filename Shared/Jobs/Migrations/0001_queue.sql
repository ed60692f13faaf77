-- The durable queue. One job is one row in jobs.job (what it is: written once, never updated) and, while it is
-- unfinished, one narrow row in jobs.pending (where it stands: the only table that is updated at speed). A finished job
-- leaves jobs.pending and gets one row in jobs.finished. There are no foreign keys between them: every row is written
-- by the statements in Shared/Jobs/Sql, in one transaction each, and the checks would cost a third of the throughput.
CREATE SCHEMA IF NOT EXISTS jobs;

CREATE SEQUENCE jobs.pending_seq AS bigint CACHE 1;

CREATE TABLE jobs.job (
    id              uuid        NOT NULL PRIMARY KEY,
    seq             bigint      NOT NULL,
    tenant_id       uuid        NOT NULL,
    created_at      timestamptz NOT NULL DEFAULT clock_timestamp(),
    batch_id        uuid,
    timeout_seconds integer     NOT NULL CHECK (timeout_seconds > 0),
    retention_days  smallint    NOT NULL CHECK (retention_days > 0),
    max_attempts    smallint    NOT NULL CHECK (max_attempts > 0),
    priority        smallint    NOT NULL CHECK (priority BETWEEN 0 AND 100),
    blocks_lane     boolean     NOT NULL DEFAULT false,
    type            text        NOT NULL COLLATE "C",
    queue           text        NOT NULL COLLATE "C",
    lane            text        COLLATE "C",
    unique_key      text        COLLATE "C",
    traceparent     text        COLLATE "C",
    payload         json        NOT NULL
) WITH (autovacuum_vacuum_insert_scale_factor = 0.2);

COMMENT ON TABLE jobs.job IS 'What a job is; immutable. Deleted when its retention is over.';

-- wait: 0 may be claimed (or is running, then worker is set), 1 waits for run_at, 2 waits for the job ahead in its lane.
-- A claim changes worker, attempt and started_at only. None of them is in an index or in an index's predicate and pages
-- are filled to less than half, so a claim is a heap-only update: no index is written.
CREATE TABLE jobs.pending (
    seq          bigint      NOT NULL DEFAULT nextval('jobs.pending_seq'),
    id           uuid        NOT NULL,
    tenant_id    uuid        NOT NULL,
    run_at       timestamptz NOT NULL,
    started_at   timestamptz,
    worker       integer,
    attempt      smallint    NOT NULL DEFAULT 0,
    max_attempts smallint    NOT NULL,
    priority     smallint    NOT NULL,
    wait         smallint    NOT NULL CHECK (wait BETWEEN 0 AND 2),
    queue        text        NOT NULL COLLATE "C",
    lane         text        COLLATE "C",
    unique_key   text        COLLATE "C",
    CONSTRAINT pending_pkey PRIMARY KEY (seq)
) WITH (
    fillfactor = 45,
    autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000,
    autovacuum_vacuum_insert_threshold = -1,
    autovacuum_analyze_scale_factor = 0, autovacuum_analyze_threshold = 50000,
    autovacuum_vacuum_cost_delay = 0
);
ALTER SEQUENCE jobs.pending_seq OWNED BY jobs.pending.seq;

COMMENT ON TABLE jobs.pending IS 'Where an unfinished job stands. Kept narrow and small.';

CREATE INDEX pending_claim ON jobs.pending (queue, tenant_id, priority, seq) WHERE wait = 0;
CREATE INDEX pending_due ON jobs.pending (run_at) WHERE wait = 1;
CREATE INDEX pending_lane ON jobs.pending (tenant_id, lane, seq) WHERE lane IS NOT NULL;
CREATE UNIQUE INDEX pending_unique ON jobs.pending (tenant_id, unique_key) WHERE unique_key IS NOT NULL;

CREATE TABLE jobs.finished (
    id          uuid        NOT NULL PRIMARY KEY,
    tenant_id   uuid        NOT NULL,
    started_at  timestamptz,
    finished_at timestamptz NOT NULL,
    attempt     smallint    NOT NULL,
    state       text        NOT NULL COLLATE "C" CHECK (state IN ('succeeded', 'failed', 'dead', 'cancelled')),
    error       text,
    result      json
) WITH (autovacuum_vacuum_insert_scale_factor = 0.2);

CREATE INDEX finished_dead ON jobs.finished (tenant_id, finished_at) WHERE state = 'dead';

COMMENT ON TABLE jobs.finished IS 'How a job ended.';

CREATE TABLE jobs.attempts (
    job_id      uuid        NOT NULL,
    tenant_id   uuid        NOT NULL,
    attempt     smallint    NOT NULL,
    started_at  timestamptz,
    finished_at timestamptz NOT NULL,
    worker      integer,
    error       text        NOT NULL,
    detail      text,
    PRIMARY KEY (job_id, attempt, finished_at)
);

COMMENT ON TABLE jobs.attempts IS 'Attempts that failed; the one that succeeded is in jobs.finished.';
COMMENT ON COLUMN jobs.attempts.error IS 'What the tenant may read.';
COMMENT ON COLUMN jobs.attempts.detail IS 'What operators need: the exception.';

CREATE TABLE jobs.progress (
    job_id     uuid        NOT NULL PRIMARY KEY,
    tenant_id  uuid        NOT NULL,
    done       bigint      NOT NULL,
    total      bigint      NOT NULL,
    updated_at timestamptz NOT NULL
) WITH (fillfactor = 50, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);

CREATE TABLE jobs.cancellations (
    job_id       uuid        NOT NULL PRIMARY KEY,
    tenant_id    uuid        NOT NULL,
    requested_at timestamptz NOT NULL DEFAULT clock_timestamp()
);

COMMENT ON TABLE jobs.cancellations IS 'Wishes to cancel, until a worker has acted on them.';

-- Slots taken in queues that cap how many jobs of one tenant run at once; other queues write nothing here.
CREATE TABLE jobs.slots (
    queue     text   NOT NULL COLLATE "C",
    tenant_id uuid   NOT NULL,
    seq       bigint NOT NULL,
    PRIMARY KEY (queue, tenant_id, seq)
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);
CREATE UNIQUE INDEX slots_seq ON jobs.slots (seq);

-- A lane that waits for somebody to look at its dead head.
CREATE TABLE jobs.blocked_lanes (
    tenant_id  uuid        NOT NULL,
    lane       text        NOT NULL COLLATE "C",
    job_id     uuid        NOT NULL,
    blocked_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, lane)
);

-- A worker's lease covers every job it has claimed: one row is renewed, however many jobs run.
CREATE TABLE jobs.workers (
    id           integer     GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    name         text        NOT NULL,
    queues       text[]      NOT NULL,
    registered_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    expires_at   timestamptz NOT NULL
) WITH (fillfactor = 50);

CREATE TABLE jobs.queues (
    name       text        NOT NULL COLLATE "C" PRIMARY KEY,
    paused_at  timestamptz
);

-- Row-level security: a tenant's own rows for the services, every row for the engine, for nobody else any.
DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['job', 'pending', 'finished', 'attempts', 'progress', 'cancellations', 'slots', 'blocked_lanes']
    LOOP
        EXECUTE format('ALTER TABLE jobs.%I ENABLE ROW LEVEL SECURITY', name);
        EXECUTE format('ALTER TABLE jobs.%I FORCE ROW LEVEL SECURITY', name);
        EXECUTE format(
            'CREATE POLICY tenant ON jobs.%I TO platform_app
                USING (tenant_id = (SELECT NULLIF(current_setting(''app.tenant_id'', true), '''')::uuid))
                WITH CHECK (tenant_id = (SELECT NULLIF(current_setting(''app.tenant_id'', true), '''')::uuid))', name);
        EXECUTE format('CREATE POLICY engine ON jobs.%I TO platform_queue USING (true) WITH CHECK (true)', name);
    END LOOP;
END $$;

GRANT USAGE ON SCHEMA jobs TO platform_app, platform_queue;
GRANT USAGE ON SEQUENCE jobs.pending_seq TO platform_app, platform_queue;
GRANT SELECT, INSERT ON jobs.job, jobs.pending, jobs.cancellations TO platform_app;
GRANT SELECT ON jobs.finished, jobs.attempts, jobs.progress, jobs.blocked_lanes TO platform_app;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA jobs TO platform_queue;
