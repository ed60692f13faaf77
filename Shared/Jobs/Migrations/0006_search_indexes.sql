-- migrate: statement by statement
-- Indexes of the searches and of batches, built while jobs are enqueued and finished. Each is dropped first, should an earlier
-- build have been broken off.
DROP INDEX CONCURRENTLY IF EXISTS jobs.job_tenant;
CREATE INDEX CONCURRENTLY job_tenant ON jobs.job (tenant_id, id);

-- Members of batches; other jobs have no entry.
DROP INDEX CONCURRENTLY IF EXISTS jobs.job_batch;
CREATE INDEX CONCURRENTLY job_batch ON jobs.job (batch_id) WHERE batch_id IS NOT NULL;

-- Jobs that succeed, which nearly all do, have no entry in these.
DROP INDEX CONCURRENTLY IF EXISTS jobs.finished_unsuccessful_tenant;
CREATE INDEX CONCURRENTLY finished_unsuccessful_tenant ON jobs.finished (tenant_id, id) WHERE state <> 'succeeded';
DROP INDEX CONCURRENTLY IF EXISTS jobs.finished_unsuccessful;
CREATE INDEX CONCURRENTLY finished_unsuccessful ON jobs.finished (id) WHERE state <> 'succeeded';
