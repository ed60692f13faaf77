-- $1 password hash.
WITH t AS (
    INSERT INTO tenants (id, slug, name, plan) SELECT id, slug, 'Bench ' || rank, plan FROM bench_tenants RETURNING id
), u AS (
    INSERT INTO users (id, email, name, password_hash)
    SELECT ('00000000-0002-7000-8000-' || lpad(rank::text, 12, '0'))::uuid, 'admin' || marker, 'Admin ' || rank, $1 FROM bench_tenants RETURNING id
), m AS (
    INSERT INTO memberships (tenant_id, user_id)
    SELECT id, ('00000000-0002-7000-8000-' || lpad(rank::text, 12, '0'))::uuid FROM bench_tenants RETURNING user_id
), r AS (
    INSERT INTO roles (tenant_id, id, name)
    SELECT id, ('00000000-0003-7000-8000-' || lpad(rank::text, 12, '0'))::uuid, 'admin' FROM bench_tenants RETURNING id
)
INSERT INTO membership_roles (tenant_id, user_id, role_id)
SELECT id, ('00000000-0002-7000-8000-' || lpad(rank::text, 12, '0'))::uuid, ('00000000-0003-7000-8000-' || lpad(rank::text, 12, '0'))::uuid
FROM bench_tenants
