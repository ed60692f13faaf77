-- migrate: statement by statement
-- Who has or had a unique key; other jobs have no entry.
DROP INDEX CONCURRENTLY IF EXISTS jobs.job_unique;
CREATE INDEX CONCURRENTLY job_unique ON jobs.job (tenant_id, unique_key) WHERE unique_key IS NOT NULL;
