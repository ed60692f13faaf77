-- The first job of each queue that is waiting for a worker or for its lane, or running; scheduled ones may be old.
-- $1 queues, $2 where to begin in each. Index: pending_pkey, walked from there to the first such row.
SELECT (SELECT a.seq FROM jobs.pending a WHERE a.seq >= w.since AND a.queue = w.queue COLLATE "C" AND a.wait <> 1 ORDER BY a.seq LIMIT 1)
FROM unnest($1::text[], $2::bigint[]) WITH ORDINALITY AS w (queue, since, position)
ORDER BY w.position
