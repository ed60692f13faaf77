-- Which rules claims go by. Index: none, it looks for any row.
SELECT EXISTS (SELECT FROM jobs.tenant_weights)
