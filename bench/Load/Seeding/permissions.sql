-- $1 permissions of a tenant's one role; a release may have brought new ones.
INSERT INTO role_permissions (tenant_id, role_id, permission)
SELECT id, ('00000000-0003-7000-8000-' || lpad(rank::text, 12, '0'))::uuid, unnest($1) FROM bench_tenants
ON CONFLICT DO NOTHING
