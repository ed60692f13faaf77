-- As lock_lane.sql, for the lane of given jobs, if they have one. Index: job_pkey.
SELECT pg_advisory_xact_lock(hashtextextended('jobs.lane:' || l.lane, ('x' || left(replace($1::text, '-', ''), 16))::bit(64)::bigint))
FROM (SELECT DISTINCT j.lane FROM jobs.job j WHERE j.id = ANY ($2) AND j.tenant_id = $1 AND j.lane IS NOT NULL ORDER BY j.lane) l
