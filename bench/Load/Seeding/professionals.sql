-- $1 seed. Eight to a tenant.
INSERT INTO professionals (tenant_id, id, name, title, email, specialties, created_at, updated_at)
SELECT t.id, pg_temp.bench_id(a.at, x.h, n), (pg_temp.bench_first())[1 + (x.h & 31)] || ' ' || (pg_temp.bench_last())[1 + ((x.h >> 5) & 63)],
       (ARRAY['Adviser', 'Trainer', 'Consultant', 'Technician'])[1 + (x.h & 3)], 'p' || n || t.marker, ARRAY['advice', 'training'], a.at, a.at
FROM bench_tenants t
CROSS JOIN generate_series(1, 8) n
CROSS JOIN LATERAL (SELECT hashint8extended(t.rank * 100 + n, $1 + 2) & 9223372036854775807 AS h) x
CROSS JOIN LATERAL (SELECT pg_temp.bench_time(x.h) AS at) a
