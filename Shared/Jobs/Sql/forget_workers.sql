-- Forgets lost workers after a while, in which a claim they had under way has certainly ended or been rescued. Index: none, few rows.
DELETE FROM jobs.workers WHERE expires_at < clock_timestamp() - interval '2 minutes'
