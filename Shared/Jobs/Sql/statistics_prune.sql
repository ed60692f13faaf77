-- Forgets what is older than a week. Index: statistics_pkey, from its front.
DELETE FROM jobs.statistics WHERE minute < now() - interval '7 days'
