-- Six to a tenant, whatever the seed ($1).
INSERT INTO teams (tenant_id, id, name, description, created_at, updated_at)
SELECT t.id, pg_temp.bench_id(a.at, 0, n), 'Team ' || n, 'Reached at team' || n || t.marker || CASE WHEN $1 IS NULL THEN '?' ELSE '' END, a.at, a.at
FROM bench_tenants t
CROSS JOIN generate_series(1, 6) n
CROSS JOIN LATERAL (SELECT pg_temp.bench_anchor() - make_interval(days => n) AS at) a
