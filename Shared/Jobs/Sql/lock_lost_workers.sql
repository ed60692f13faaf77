-- Of the lost workers ($1) those that have no claim under way, and so, without a lease, never will have another one. Held to the end of the
-- transaction. Index: none, advisory locks (see lock_worker.sql).
SELECT u.id FROM unnest($1::int[]) AS u (id) WHERE pg_try_advisory_xact_lock(hashtextextended('jobs.worker', u.id))
