-- Which ends are stored, of those a worker sent before its connection broke. A run that was put back without an error leaves no trace and is
-- missing from the answer.
-- $1 worker; arrays: $2 seq, $3 attempt, $4 id. Indexes: finished_pkey, attempts_pkey.
SELECT u.seq
FROM unnest($2::bigint[], $3::smallint[], $4::uuid[]) AS u (seq, attempt, id)
WHERE EXISTS (SELECT FROM jobs.finished f WHERE f.id = u.id AND f.worker = $1 AND f.attempt = u.attempt)
    OR EXISTS (SELECT FROM jobs.attempts a WHERE a.job_id = u.id AND a.attempt = u.attempt AND a.worker = $1)
