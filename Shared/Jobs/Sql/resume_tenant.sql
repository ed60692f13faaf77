-- Undoes pause_tenant.sql; without a queue ($2 empty), whatever is paused of the tenant. Index: paused_tenants_pkey.
DELETE FROM jobs.paused_tenants WHERE tenant_id = $1 AND ($2 = '' OR queue = $2)
