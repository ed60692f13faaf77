-- $1 seed. Sequential by primary key, so that its index grows at its end only.
INSERT INTO contacts (tenant_id, id, name, email, phone, created_at, updated_at)
SELECT t.id,
       pg_temp.bench_id(c.created_at, x.h, t.first + n),
       (pg_temp.bench_first())[1 + (x.h & 31)] || ' ' || (pg_temp.bench_last())[1 + ((x.h >> 5) & 63)],
       lower((pg_temp.bench_first())[1 + (x.h & 31)]) || '.' || n || t.marker,
       CASE WHEN (x.h >> 20) & 7 < 6 THEN '+1555' || lpad(n::text, 7, '0') END,
       c.created_at,
       c.created_at
FROM bench_tenants t
CROSS JOIN LATERAL generate_series(1, t.contacts) n
CROSS JOIN LATERAL (SELECT hashint8extended(t.first + n, $1) & 9223372036854775807 AS h) x
CROSS JOIN LATERAL (SELECT pg_temp.bench_time(x.h) AS created_at) c
