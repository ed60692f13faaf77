-- Held by a worker's claim to its end, so that the worker itself can wait for one whose answer it lost. Index: none, an advisory lock.
SELECT pg_advisory_xact_lock(hashtextextended('jobs.worker', $1))
