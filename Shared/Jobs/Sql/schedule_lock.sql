-- Who adds a schedule to a tenant's takes turns until the transaction ends: their number is counted before. Index: none.
SELECT pg_advisory_xact_lock(hashtextextended('jobs.schedules:' || $1, 0))
