-- Lets one worker at a time claim from queues with a cap per tenant, so that two can't both take the last place. Held for
-- the claim's own short transaction. Index: none, an advisory lock.
SELECT pg_advisory_xact_lock(hashtextextended('jobs.claim', 0))
