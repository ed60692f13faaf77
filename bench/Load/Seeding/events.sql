-- $1 seed. Thirty to a tenant, an hour each, no two of a professional at once.
INSERT INTO events (tenant_id, id, title, professional_id, starts_at, ends_at, status, location, notes, created_at, updated_at)
SELECT t.id, pg_temp.bench_id(a.starts_at, hashint8extended(t.rank * 100 + n, $1) & 4095, n), 'Meeting ' || n || ' with c' || n || t.marker, p.id,
       a.starts_at, a.starts_at + interval '1 hour', (ARRAY['scheduled', 'confirmed', 'completed'])[1 + n % 3], 'Room ' || n % 4, '',
       pg_temp.bench_anchor(), pg_temp.bench_anchor()
FROM bench_tenants t
CROSS JOIN generate_series(1, 30) n
CROSS JOIN LATERAL (SELECT pg_temp.bench_anchor() + make_interval(hours => 3 * n) AS starts_at) a
JOIN LATERAL (SELECT id FROM professionals WHERE tenant_id = t.id ORDER BY id OFFSET n % 8 LIMIT 1) p ON true
