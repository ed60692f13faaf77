-- Ends a lease that covers no job any more. Index: workers_pkey.
DELETE FROM jobs.workers w WHERE w.id = $1
