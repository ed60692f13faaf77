-- Makes the order of sequence numbers within a lane the order of commits: whoever enqueues next into the lane waits for
-- this transaction to end. Index: none, an advisory lock.
SELECT pg_advisory_xact_lock(hashtextextended('jobs.lane:' || $2, ('x' || left(replace($1::text, '-', ''), 16))::bit(64)::bigint))
