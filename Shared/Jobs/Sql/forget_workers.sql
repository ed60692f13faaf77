-- Forgets lost workers ($1, locked by lock_lost_workers.sql before the rescue) that hold no job any more; one whose row was locked at that
-- moment waits for the next round. Index: workers_pkey; it reads jobs.pending from end to end, but only after a worker was lost.
DELETE FROM jobs.workers w
WHERE w.id = ANY ($1) AND NOT EXISTS (SELECT FROM jobs.pending p WHERE p.worker = w.id)
