-- Puts back what a claim took whose answer never arrived: the worker's rows that are newer than any it has seen. $1 worker,
-- $2 the latest start it has seen. Index: none. It reads jobs.pending from end to end, but only after a claim went wrong.
WITH back AS (
    UPDATE jobs.pending p SET worker = NULL, attempt = p.attempt - 1
    WHERE p.worker = $1 AND p.started_at > $2
    RETURNING p.seq
), freed AS (
    DELETE FROM jobs.slots s USING back WHERE s.seq = back.seq
)
SELECT count(*)::int FROM back
