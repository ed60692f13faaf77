-- Two teams, every member an agent, and what they have been doing. A tenant of one has one team.

INSERT INTO agents (tenant_id, user_id, status, capacity, skills, last_seen_at, created_at)
SELECT tenant_id, user_id, (ARRAY['online', 'away', 'offline'])[1 + (n - 1) % 3], 4 + 2 * n,
       CASE n % 2 WHEN 1 THEN ARRAY['orders', 'billing'] ELSE ARRAY['returns', 'deliveries', 'french'] END,
       now() - make_interval(mins => 7 * n), now() - make_interval(days => 90 - n)
FROM (SELECT tenant_id, user_id, row_number() OVER (ORDER BY created_at, user_id)::int AS n
      FROM memberships WHERE tenant_id = current_setting('app.tenant_id')::uuid) AS member;

INSERT INTO teams (tenant_id, id, name, description, created_at)
SELECT current_setting('app.tenant_id')::uuid, uuidv7(make_interval(days => -80 + n)), name, description, now() - make_interval(days => 80 - n)
FROM (VALUES (1, 'Customer care', 'Questions about orders, deliveries and returns'),
             (2, 'Sales', 'Offers, quantities and everything before an order')) AS team (n, name, description)
WHERE n = 1 OR (SELECT count(*) FROM agents WHERE tenant_id = current_setting('app.tenant_id')::uuid) > 1;

-- Everybody cares for customers; who is online sells as well.
INSERT INTO team_members (tenant_id, team_id, user_id)
SELECT t.tenant_id, t.id, a.user_id
FROM teams t JOIN agents a ON a.tenant_id = t.tenant_id AND (t.name = 'Customer care' OR a.status = 'online')
WHERE t.tenant_id = current_setting('app.tenant_id')::uuid;

INSERT INTO audit_log (tenant_id, id, at, actor_id, action, subject)
SELECT a.tenant_id, uuidv7(make_interval(days => -n)), now() - make_interval(days => n), a.user_id, action, subject
FROM (SELECT tenant_id, user_id FROM agents
      WHERE tenant_id = current_setting('app.tenant_id')::uuid ORDER BY created_at, user_id LIMIT 1) AS a,
     (VALUES (12, 'team.created', 'Customer care'), (11, 'role.changed', 'agent'), (7, 'settings.changed', 'brand colour'),
             (3, 'campaign.started', 'Spring collection'), (1, 'report.requested', 'Contacts')) AS done (n, action, subject);
