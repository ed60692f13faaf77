-- The batch a job completes. Index: batches_completion_id_key.
SELECT b.id, b.completion_id, b.total, b.open, b.succeeded, b.dead, b.cancelled, b.created_at, b.cancelled_at, b.finished_at
FROM jobs.batches b WHERE b.tenant_id = $1 AND b.completion_id = $2
