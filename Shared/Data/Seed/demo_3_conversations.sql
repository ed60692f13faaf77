-- One conversation with each of the first contacts, as many as demo.size says, with two to three messages each.

WITH talk AS MATERIALIZED (
SELECT n, uuidv7(asked - now()) AS id, c.tenant_id, c.id AS contact_id, c.name, a.user_id AS agent_id, a.agent_name,
       (ARRAY['whatsapp', 'email', 'web'])[1 + n % 3] AS channel,
       (ARRAY['open', 'open', 'pending', 'resolved', 'closed'])[1 + n % 5] AS status,
       asked, subject, question, answer
FROM (VALUES
    (0, 'Where is my parcel?', 'Hello, my order should have come on Monday. Where is it?', 'It left the depot this morning and reaches you tomorrow before noon.'),
    (1, 'Size of the rain jacket', 'Does the rain jacket come large enough for a thick jumper underneath?', 'Take one size up: it is cut close. Changing it is free.'),
    (2, 'Return without the box', 'May I send the boots back without their box?', 'Yes. Any sturdy box will do, the label is on its way to you.'),
    (3, 'Invoice for the office', 'Could I have the invoice in the name of our company?', 'Of course: I have made a new one and sent it to you.'),
    (4, 'Opening hours on Saturday', 'Until when is the shop open this Saturday?', 'From nine to five, and coffee is on us.'),
    (5, 'Tent pole broken', 'A pole of the tent broke on the first night. Can it be replaced?', 'That must not happen. A new set is in the post today.'),
    (6, 'Change of address', 'I am moving next week, please deliver to the new address.', 'Done. The order will go to the new address.'),
    (7, 'Discount for a school class', 'Is there a price for 25 backpacks for a school class?', 'From 20 pieces on we take fifteen per cent off. Shall I prepare an offer?'),
    (8, 'Cancel the second lamp', 'I ordered two lamps by mistake, please cancel one.', 'One is cancelled, the money is back within three days.'),
    (9, 'How to wash the wool blanket', 'The label of the blanket is gone. How do I wash it?', 'By hand, lukewarm, and dry it lying flat.')
) AS topic (number, subject, question, answer)
JOIN (SELECT tenant_id, id, name, (row_number() OVER (ORDER BY created_at DESC, id) - 1)::int AS n
      FROM contacts WHERE tenant_id = current_setting('app.tenant_id')::uuid) AS c ON c.n % 10 = topic.number
JOIN (SELECT a.user_id, u.name AS agent_name, (row_number() OVER (ORDER BY a.created_at, a.user_id) - 1)::int AS turn, count(*) OVER ()::int AS agents
      FROM agents a JOIN users u ON u.id = a.user_id WHERE a.tenant_id = current_setting('app.tenant_id')::uuid) AS a ON a.turn = c.n % a.agents,
LATERAL (SELECT now() - make_interval(hours => 5 * c.n, mins => 17 + 3 * c.n)) AS start (asked)
WHERE c.n < current_setting('demo.size')::int),

-- Every fifth waits for its first answer and has nobody yet.
conversation AS (
INSERT INTO conversations (tenant_id, id, contact_id, contact_name, channel, status, subject, assigned_agent_id, assigned_team_id,
                           unread_count, last_message, last_message_at, created_at, updated_at)
SELECT t.tenant_id, t.id, t.contact_id, t.name, t.channel, t.status, t.subject, CASE n % 5 WHEN 0 THEN NULL ELSE agent_id END, team.id,
       CASE n % 5 WHEN 0 THEN 1 ELSE 0 END, CASE WHEN n % 5 = 0 THEN question WHEN n % 5 >= 3 THEN 'Thank you, that helps!' ELSE answer END,
       last.at, asked, last.at
FROM talk t
LEFT JOIN teams team ON team.tenant_id = t.tenant_id AND team.name = 'Customer care',
LATERAL (SELECT asked + CASE WHEN n % 5 = 0 THEN interval '0' WHEN n % 5 >= 3 THEN interval '15 minutes' ELSE interval '12 minutes' END) AS last (at))

INSERT INTO messages (tenant_id, id, conversation_id, channel, direction, author_id, author_name, body, external_id, status, created_at, updated_at)
SELECT t.tenant_id, uuidv7(at - now()), t.id, t.channel, direction, author_id, author, body, 'demo-' || t.n || '-' || part, state, at, at
FROM talk t,
LATERAL (VALUES
    (1, 'in', NULL, t.name, t.question, 'delivered', t.asked),
    (2, 'out', t.agent_id, t.agent_name, t.answer, 'read', t.asked + interval '12 minutes'),
    (3, 'in', NULL, t.name, 'Thank you, that helps!', 'delivered', t.asked + interval '15 minutes')
) AS message (part, direction, author_id, author, body, state, at)
WHERE part = 1 OR (part = 2 AND t.n % 5 > 0) OR (part = 3 AND t.n % 5 >= 3);
