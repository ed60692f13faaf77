-- The hot table's indexes, the largest first. Index: none.
SELECT n.relname, pg_relation_size(n.oid)
FROM pg_index i JOIN pg_class n ON n.oid = i.indexrelid
WHERE i.indrelid = 'jobs.pending'::regclass AND i.indisvalid
ORDER BY 2 DESC
