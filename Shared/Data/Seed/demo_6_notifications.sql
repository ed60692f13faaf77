-- Ten notifications for every member, the newest four unread, and two finished reports.

INSERT INTO notifications (tenant_id, id, user_id, kind, title, body, link, read_at, created_at)
SELECT m.tenant_id, uuidv7(at - now()), m.user_id, kind, title, body, link, CASE WHEN n > 4 THEN at + interval '20 minutes' END, at
FROM memberships m,
     (VALUES (1, 'conversation.assigned', 'A conversation is yours', 'Size of the rain jacket', '/inbox'),
             (2, 'conversation.message', 'New message', 'Thank you, that helps!', '/inbox'),
             (3, 'event.booked', 'New event', 'Fitting, in two days', '/events'),
             (4, 'import.completed', 'Import finished', 'Every row became a contact.', '/contacts'),
             (5, 'campaign.sent', 'Campaign sent', 'Spring collection', '/campaigns'),
             (6, 'report.completed', 'Report ready', 'Contacts', '/reports'),
             (7, 'event.cancelled', 'Event cancelled', 'Repair handed in', '/events'),
             (8, 'conversation.assigned', 'A conversation is yours', 'Return without the box', '/inbox'),
             (9, 'team.joined', 'You are in a team', 'Customer care', '/team'),
             (10, 'account.welcome', 'Welcome', 'Have a look around.', '/')) AS told (n, kind, title, body, link),
     LATERAL (SELECT now() - make_interval(hours => 9 * n - 8, mins => 13)) AS moment (at)
WHERE m.tenant_id = current_setting('app.tenant_id')::uuid;

WITH report AS (
    INSERT INTO reports (tenant_id, id, kind, title, status, rows, file_name, file_bytes, created_at, finished_at, expires_at)
    SELECT current_setting('app.tenant_id')::uuid, uuidv7(make_interval(days => -n)), kind, title, 'completed', 2, kind || '.csv', octet_length(content),
           now() - make_interval(days => n), now() - make_interval(days => n) + interval '4 seconds', now() + make_interval(days => 30 - n)
    FROM (VALUES (1, 'contacts', 'Contacts', E'month,added\r\n2026-01,12\r\n2026-02,28\r\n'),
                 (6, 'conversations', 'Conversations', E'status,count\r\nopen,8\r\nclosed,4\r\n')) AS file (n, kind, title, content)
    RETURNING tenant_id, id, kind)
INSERT INTO report_files (tenant_id, report_id, number, content)
SELECT tenant_id, id, 0, convert_to(CASE kind WHEN 'contacts' THEN E'month,added\r\n2026-01,12\r\n2026-02,28\r\n'
                                              ELSE E'status,count\r\nopen,8\r\nclosed,4\r\n' END, 'UTF8')
FROM report;
