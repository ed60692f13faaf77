-- Registers a worker; its id is the fencing token of all it claims. Index: workers_pkey is appended to.
INSERT INTO jobs.workers (name, queues, expires_at) VALUES ($1, $2, clock_timestamp() + $3) RETURNING id
