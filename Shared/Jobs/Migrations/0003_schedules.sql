-- Who leads: of all workers one runs the schedules and the upkeep. A lease by the database's clock, so that a leader that is
-- cut off is replaced within seconds whatever became of its connection.
CREATE TABLE jobs.leader (
    id         smallint    NOT NULL DEFAULT 1 PRIMARY KEY CHECK (id = 1),
    holder     uuid,
    name       text,
    since      timestamptz,
    expires_at timestamptz NOT NULL DEFAULT '-infinity'
) WITH (fillfactor = 50);
INSERT INTO jobs.leader DEFAULT VALUES;

-- Jobs that come again and again. The settings a job is enqueued with stand here, for the leader need not know its type.
-- Schedules declared in code belong to a tenant id that no tenant has.
CREATE TABLE jobs.schedules (
    tenant_id       uuid        NOT NULL,
    id              uuid        NOT NULL,
    name            text        NOT NULL CHECK (char_length(name) BETWEEN 1 AND 100),
    cron            text        NOT NULL CHECK (char_length(cron) BETWEEN 1 AND 200),
    time_zone       text        NOT NULL CHECK (char_length(time_zone) BETWEEN 1 AND 100),
    misfire_runs    smallint    NOT NULL CHECK (misfire_runs BETWEEN 0 AND 1000),
    next_due        timestamptz,
    last_due        timestamptz,
    paused_at       timestamptz,
    declared_at     timestamptz,
    created_at      timestamptz NOT NULL DEFAULT clock_timestamp(),
    version         integer     NOT NULL DEFAULT 1,
    timeout_seconds integer     NOT NULL CHECK (timeout_seconds > 0),
    retention_days  smallint    NOT NULL CHECK (retention_days > 0),
    max_attempts    smallint    NOT NULL CHECK (max_attempts > 0),
    priority        smallint    NOT NULL CHECK (priority BETWEEN 0 AND 100),
    type            text        NOT NULL COLLATE "C",
    queue           text        NOT NULL COLLATE "C",
    payload         json        NOT NULL,
    PRIMARY KEY (tenant_id, id),
    CONSTRAINT schedules_name UNIQUE (tenant_id, name)
);

CREATE INDEX schedules_due ON jobs.schedules (next_due) WHERE paused_at IS NULL;

COMMENT ON COLUMN jobs.schedules.misfire_runs IS 'How many of the runs missed while nobody led are made up for, the newest: 0 none, 1 one.';
COMMENT ON COLUMN jobs.schedules.declared_at IS 'When a leader last found the schedule in its code; null for those made at run time.';

-- One row a run: two leaders can't both enqueue it.
CREATE TABLE jobs.schedule_runs (
    tenant_id   uuid        NOT NULL,
    schedule_id uuid        NOT NULL,
    due_at      timestamptz NOT NULL,
    job_id      uuid        NOT NULL,
    enqueued_at timestamptz NOT NULL,
    PRIMARY KEY (tenant_id, schedule_id, due_at),
    FOREIGN KEY (tenant_id, schedule_id) REFERENCES jobs.schedules ON DELETE CASCADE
);

CREATE INDEX schedule_runs_due ON jobs.schedule_runs (due_at);

DO $$
DECLARE
    name text;
BEGIN
    FOREACH name IN ARRAY ARRAY['schedules', 'schedule_runs']
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

GRANT SELECT, UPDATE ON jobs.leader TO platform_queue;
GRANT SELECT, INSERT, UPDATE, DELETE ON jobs.schedules TO platform_app, platform_queue;
GRANT SELECT ON jobs.schedule_runs TO platform_app;
GRANT SELECT, INSERT, DELETE ON jobs.schedule_runs TO platform_queue;
