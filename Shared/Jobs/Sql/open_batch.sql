-- Notes a batch beside its completing job, which was enqueued just before. Indexes: job_pkey; batches_pkey is appended to.
INSERT INTO jobs.batches (id, tenant_id, completion_id, completion_seq, total, open, finished_at)
SELECT $2, $1, j.id, j.seq, $4, $4, CASE WHEN $4 = 0 THEN clock_timestamp() END FROM jobs.job j WHERE j.id = $3 AND j.tenant_id = $1
