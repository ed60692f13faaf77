-- $1 seed, which the conversations' ids already carry. Four to each of the newest tenth of a tenant's conversations.
INSERT INTO messages (tenant_id, id, conversation_id, channel, direction, author_name, body, status, created_at, updated_at)
SELECT c.tenant_id,
       pg_temp.bench_id(m.at, c.number, c.number * 4 + n),
       c.id,
       c.channel,
       CASE WHEN n % 2 = 0 THEN 'in' ELSE 'out' END,
       CASE WHEN n % 2 = 0 THEN c.contact_name ELSE 'Support' END,
       'About ' || c.subject,
       'read',
       m.at,
       m.at
FROM (SELECT tenant_id, id, channel, contact_name, subject, created_at, updated_at, size,
             row_number() OVER (PARTITION BY tenant_id ORDER BY created_at DESC, id DESC) AS place,
             row_number() OVER (ORDER BY tenant_id, id) AS number
      FROM conversations JOIN (SELECT id AS tenant_id, contacts AS size FROM bench_tenants WHERE $1 IS NOT NULL) s USING (tenant_id)) c
CROSS JOIN generate_series(0, 3) n
CROSS JOIN LATERAL (SELECT c.created_at + (c.updated_at - c.created_at) * n / 3 AS at) m
WHERE c.place <= greatest(1, c.size / 10)
