-- The newest ended job of a tenant that has a unique key, in one of some states. Runs after the insert that took the key: whoever had it
-- before has ended and can be seen. Indexes: job_unique, finished_pkey.
SELECT j.id FROM jobs.job j
WHERE j.tenant_id = $1 AND j.unique_key = $2 AND EXISTS (SELECT FROM jobs.finished f WHERE f.id = j.id AND f.state = ANY ($3))
ORDER BY j.id DESC LIMIT 1
