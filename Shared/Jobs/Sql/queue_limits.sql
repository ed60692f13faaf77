-- The rate limits of queues ($1) that concern the current tenant. Index: rate_limits_pkey.
SELECT * FROM jobs.queue_limits($1)
