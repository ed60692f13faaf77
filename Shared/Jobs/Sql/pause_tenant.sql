-- Stops the claiming of a tenant's jobs, of one queue ($2) or of all (empty). Index: paused_tenants_pkey.
INSERT INTO jobs.paused_tenants (tenant_id, queue) VALUES ($1, $2) ON CONFLICT (tenant_id, queue) DO NOTHING
