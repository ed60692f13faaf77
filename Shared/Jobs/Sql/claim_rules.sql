-- Which rules claims go by: whether any tenant has a weight, and which queues have a rate limit. Index: none; it looks for any row, and
-- reads the few rows of queues that ever had something set.
SELECT EXISTS (SELECT FROM jobs.tenant_weights), coalesce((SELECT array_agg(q.name) FROM jobs.queues q WHERE q.limited), '{}')
