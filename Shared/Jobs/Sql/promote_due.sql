-- Makes scheduled and retrying jobs claimable when their time has come, and says in how many seconds the next one is due.
-- Index: pending_due, both times from its front; the statement's time can bound the index, the clock's, which changes from row to row, can't.
WITH due AS (
    SELECT seq FROM jobs.pending WHERE wait = 1 AND run_at <= statement_timestamp() ORDER BY run_at LIMIT 1000 FOR UPDATE SKIP LOCKED
), promoted AS (
    UPDATE jobs.pending p SET wait = 0 FROM due WHERE p.seq = due.seq RETURNING p.seq
)
SELECT (SELECT count(*) FROM promoted)::int,
    extract(epoch FROM (SELECT run_at FROM jobs.pending WHERE wait = 1 AND run_at > statement_timestamp() ORDER BY run_at LIMIT 1) - clock_timestamp())::float8
