-- How long jobs waited and ran in the samples of statistics_read.sql, same parameters. Index: the function's, statistics_pkey.
SELECT queue, at, running, buckets, counts, seconds FROM jobs.queue_durations($1, $2, $3)
