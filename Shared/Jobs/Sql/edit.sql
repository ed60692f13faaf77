-- Gives an ended job that didn't succeed another payload; its end is locked, so nothing brings it back meanwhile.
-- Indexes: finished_pkey, job_pkey.
WITH ended AS (
    SELECT f.id FROM jobs.finished f WHERE f.id = $2 AND f.tenant_id = $1 AND f.state <> 'succeeded' FOR UPDATE
)
UPDATE jobs.job j SET payload = $3 FROM ended WHERE j.id = ended.id AND j.tenant_id = $1
