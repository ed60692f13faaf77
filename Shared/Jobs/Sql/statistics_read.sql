-- The queues over a window that ends now: $1 the window, $2 the length of a sample, $3 one queue or null for all. Index: the
-- function's, statistics_pkey.
SELECT queue, at, depth, running, oldest_seconds, completed, failed, dead, cancelled FROM jobs.queue_statistics($1, $2, $3)
