-- $1 seed. As many as the tenant has contacts; a third of the contacts have most of them. The contact's row is worked out again as
-- contacts.sql made it.
INSERT INTO conversations (tenant_id, id, contact_id, contact_name, channel, status, subject, unread_count, last_message, last_message_at,
                           created_at, updated_at)
SELECT t.id,
       pg_temp.bench_id(w.created_at, x.h, t.first + n),
       pg_temp.bench_id(pg_temp.bench_time(k.h), k.h, t.first + c.contact),
       (pg_temp.bench_first())[1 + (k.h & 31)] || ' ' || (pg_temp.bench_last())[1 + ((k.h >> 5) & 63)],
       (ARRAY['whatsapp', 'whatsapp', 'email', 'web'])[1 + (x.h & 3)],
       (ARRAY['closed', 'closed', 'closed', 'resolved', 'resolved', 'pending', 'open', 'open'])[1 + ((x.h >> 2) & 7)],
       'Order ' || (x.h & 65535) || ' of ' || c.contact || t.marker,
       CASE WHEN (x.h >> 2) & 7 >= 6 THEN (x.h >> 5) & 3 ELSE 0 END,
       'Thank you, that answers it.',
       w.updated_at,
       w.created_at,
       w.updated_at
FROM bench_tenants t
CROSS JOIN LATERAL generate_series(1, t.contacts) n
CROSS JOIN LATERAL (SELECT hashint8extended(t.first + n, $1 + 1) & 9223372036854775807 AS h) x
CROSS JOIN LATERAL (SELECT 1 + floor(t.contacts * power(((x.h >> 23) & 1048575) / 1048576.0, 3))::int AS contact) c
CROSS JOIN LATERAL (SELECT hashint8extended(t.first + c.contact, $1) & 9223372036854775807 AS h) k
CROSS JOIN LATERAL (SELECT pg_temp.bench_time(x.h) AS created_at) a
CROSS JOIN LATERAL (SELECT a.created_at, least(a.created_at + make_interval(secs => (x.h >> 7) & 262143), pg_temp.bench_anchor()) AS updated_at) w
