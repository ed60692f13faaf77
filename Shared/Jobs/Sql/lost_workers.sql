-- Workers whose lease has run out. Index: none, the table has a row a worker.
SELECT id FROM jobs.workers WHERE expires_at < clock_timestamp()
