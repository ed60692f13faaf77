-- The database's time, from which due times are reckoned, and how many schedules a tenant has. Index: schedules_pkey.
SELECT clock_timestamp(), (SELECT count(*) FROM jobs.schedules WHERE tenant_id = $1)
