-- Which lanes nobody is enqueueing into at this moment; the lock is kept to the end of the transaction. Index: none.
SELECT u.tenant_id, u.lane,
    pg_try_advisory_xact_lock(hashtextextended('jobs.lane:' || u.lane, ('x' || left(replace(u.tenant_id::text, '-', ''), 16))::bit(64)::bigint))
FROM unnest($1::uuid[], $2::text[]) AS u (tenant_id, lane)
