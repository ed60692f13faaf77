-- One to a tenant, whatever the seed ($1).
INSERT INTO subscriptions (tenant_id, plan, status, seats, period_start, period_end)
SELECT t.id, t.plan, 'active', 3, pg_temp.bench_anchor(), pg_temp.bench_anchor() + CASE WHEN $1 IS NULL THEN interval '1 day' ELSE interval '1 year' END
FROM bench_tenants t
