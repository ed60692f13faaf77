-- Twenty to each tenant's administrator, a quarter of them unread, whatever the seed ($1).
INSERT INTO notifications (tenant_id, id, user_id, kind, title, body, read_at, created_at)
SELECT t.id, pg_temp.bench_id(a.at, 0, n), m.user_id, 'conversation.assigned', 'A conversation waits',
       'From c' || n || t.marker || CASE WHEN $1 IS NULL THEN '?' ELSE '' END, CASE WHEN n % 4 > 0 THEN a.at + interval '1 minute' END, a.at
FROM bench_tenants t
JOIN memberships m ON m.tenant_id = t.id
CROSS JOIN generate_series(1, 20) n
CROSS JOIN LATERAL (SELECT pg_temp.bench_anchor() - make_interval(hours => n) AS at) a
