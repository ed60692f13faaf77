-- Six professionals with five events each in the days around today; a small tenant has two with fewer.

INSERT INTO professionals (tenant_id, id, name, title, email, phone, specialties, time_zone, created_at)
SELECT t.id, uuidv7(make_interval(days => n - 60)), p.name, p.title, p.address || '@' || t.slug || '.example', '+44770090015' || n, specialties,
       'Europe/London', now() - make_interval(days => 60 - n)
FROM tenants t,
     (VALUES (1, 'Imogen Hale', 'Outdoor adviser', 'imogen.hale', ARRAY['tents', 'sleeping bags']),
             (2, 'Aldous Pryce', 'Boot fitter', 'aldous.pryce', ARRAY['boots', 'insoles']),
             (3, 'Noemi Castellan', 'Outdoor adviser', 'noemi.castellan', ARRAY['backpacks', 'tents']),
             (4, 'Viggo Strand', 'Ski technician', 'viggo.strand', ARRAY['skis', 'bindings']),
             (5, 'Hanneke Duin', 'Tailor', 'hanneke.duin', ARRAY['alterations', 'repairs']),
             (6, 'Ezra Wintle', 'Bicycle fitter', 'ezra.wintle', ARRAY['bicycles'])) AS p (n, name, title, address, specialties)
WHERE t.id = current_setting('app.tenant_id')::uuid AND (n <= 2 OR current_setting('demo.size')::int >= 20);

INSERT INTO events (tenant_id, id, title, professional_id, contact_id, starts_at, ends_at, status, location, created_at, updated_at)
SELECT p.tenant_id, uuidv7(make_interval(days => -10, mins => n)), title, p.id, c.id, starts, starts + interval '45 minutes',
       CASE WHEN n % 11 = 7 THEN 'cancelled'
            WHEN starts < now() THEN CASE n % 7 WHEN 3 THEN 'no_show' ELSE 'completed' END
            WHEN n % 3 = 0 THEN 'confirmed' ELSE 'scheduled' END,
       (ARRAY['Fitting room 1', 'Workshop', 'Video call'])[1 + n % 3], now() - make_interval(days => 10, mins => -n), now() - interval '9 days'
FROM (SELECT tenant_id, id, (row_number() OVER (ORDER BY created_at, id) - 1)::int AS turn, count(*) OVER ()::int AS total
      FROM professionals WHERE tenant_id = current_setting('app.tenant_id')::uuid) AS p
JOIN generate_series(0, 4) AS round ON true,
LATERAL (SELECT round * p.total + p.turn) AS number (n),
LATERAL (SELECT (ARRAY['Fitting', 'Advice before a trip', 'Repair handed in', 'First meeting', 'Follow-up'])[1 + (round + p.turn) % 5],
                date_trunc('day', now()) + make_interval(days => 2 * round - 4, hours => 9 + p.turn)) AS slot (title, starts)
JOIN LATERAL (SELECT id FROM contacts WHERE tenant_id = p.tenant_id ORDER BY created_at, id OFFSET number.n % 5 LIMIT 1) AS c ON true;
