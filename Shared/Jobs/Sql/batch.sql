-- How a batch stands. Index: batches_pkey.
SELECT b.id, b.completion_id, b.total, b.open, b.succeeded, b.dead, b.cancelled, b.created_at, b.cancelled_at, b.finished_at
FROM jobs.batches b WHERE b.tenant_id = $1 AND b.id = $2
