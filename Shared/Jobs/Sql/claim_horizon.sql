-- The first job of each queue that is waiting for a worker or for its lane, or running; scheduled ones may be old.
-- $1 queues, $2 where to begin in each; null for the newest 200,000 places, whose first it is when they hold no such job.
-- Index: pending_pkey, walked from there to the first such row.
WITH near AS MATERIALIZED (
    SELECT coalesce(max(last_value), 0) - 200000 AS seq FROM pg_sequences WHERE schemaname = 'jobs' AND sequencename = 'pending_seq'
)
SELECT coalesce(
    (SELECT a.seq FROM jobs.pending a
     WHERE a.seq >= coalesce(w.since, (SELECT n.seq FROM near n)) AND a.queue = w.queue COLLATE "C" AND a.wait <> 1
     ORDER BY a.seq LIMIT 1),
    CASE WHEN w.since IS NULL THEN (SELECT n.seq FROM near n) END)
FROM unnest($1::text[], $2::bigint[]) WITH ORDINALITY AS w (queue, since, position)
ORDER BY w.position
