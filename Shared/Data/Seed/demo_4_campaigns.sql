-- One campaign of each kind of state; the sent one with its recipients. A small tenant has only the draft.

INSERT INTO campaigns (tenant_id, id, name, channel, subject, body, status, audience, scheduled_at, started_at, finished_at, created_at, updated_at)
SELECT current_setting('app.tenant_id')::uuid, uuidv7(made - now()), name, 'email', subject, body, status, '{"all": true}',
       CASE WHEN status = 'scheduled' THEN date_trunc('hour', now()) + interval '2 days' END,
       CASE WHEN status IN ('sent', 'paused') THEN made + interval '1 day' END,
       CASE WHEN status = 'sent' THEN made + interval '1 day 4 minutes' END, made, made
FROM (VALUES (4, 'Spring collection', 'The spring collection is here', 'Hello {{name}}, lighter, brighter, drier: have a look.', 'sent'),
             (3, 'Lost carts', 'Still thinking about it?', 'Hello {{name}}, what you put aside is still there.', 'paused'),
             (2, 'Autumn preview', 'Be the first to see autumn', 'Hello {{name}}, before everybody else: the new coats.', 'scheduled'),
             (1, 'Summer fair', 'Meet us at the summer fair', 'Hello {{name}}, come by and try the new tents.', 'draft')
     ) AS campaign (n, name, subject, body, status),
     LATERAL (SELECT now() - make_interval(days => 5 * n)) AS start (made)
WHERE status = 'draft' OR current_setting('demo.size')::int >= 20;

INSERT INTO campaign_recipients (tenant_id, campaign_id, contact_id, address, state, external_id, error, sent_at, updated_at)
SELECT c.tenant_id, campaign.id, c.id, c.email, state, 'demo-' || n, CASE state WHEN 'failed' THEN 'The mailbox is full.' END,
       campaign.started_at, campaign.finished_at
FROM campaigns campaign
JOIN (SELECT tenant_id, id, email, row_number() OVER (ORDER BY created_at, id)::int AS n FROM contacts WHERE email IS NOT NULL) AS c
     ON c.tenant_id = campaign.tenant_id,
LATERAL (SELECT CASE WHEN n % 13 = 0 THEN 'failed' WHEN n % 3 = 0 THEN 'delivered' ELSE 'read' END) AS outcome (state)
WHERE campaign.tenant_id = current_setting('app.tenant_id')::uuid AND campaign.status = 'sent';

UPDATE campaigns campaign
SET recipients = total, sent = total - lost, delivered = total - lost, read = seen, failed = lost
FROM (SELECT campaign_id, count(*)::int AS total, (count(*) FILTER (WHERE state = 'read'))::int AS seen,
             (count(*) FILTER (WHERE state = 'failed'))::int AS lost
      FROM campaign_recipients WHERE tenant_id = current_setting('app.tenant_id')::uuid GROUP BY campaign_id) AS counted
WHERE campaign.tenant_id = current_setting('app.tenant_id')::uuid AND campaign.id = counted.campaign_id;
