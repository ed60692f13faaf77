-- Settings, subscription, usage and a year of invoices of the current tenant. What is free has no invoices.

INSERT INTO tenant_settings (tenant_id, time_zone, locale, brand_color)
SELECT id, 'Europe/London', 'en-GB', CASE slug WHEN 'acme' THEN '#c2410c' ELSE '#15803d' END
FROM tenants WHERE id = current_setting('app.tenant_id')::uuid;

INSERT INTO subscriptions (tenant_id, plan, status, seats, period_start, period_end)
SELECT id, plan, 'active', CASE plan WHEN 'free' THEN 1 ELSE 10 END, date_trunc('month', now()), date_trunc('month', now()) + interval '1 month'
FROM tenants WHERE id = current_setting('app.tenant_id')::uuid;

INSERT INTO billing_settings (tenant_id, provider, currency, billing_email, company)
SELECT id, 'none', 'EUR', 'billing@' || slug || '.example', name
FROM tenants WHERE id = current_setting('app.tenant_id')::uuid;

INSERT INTO usage_counters (tenant_id, metric, period, value)
SELECT t.id, metric, (date_trunc('month', now()) - make_interval(months => back))::date, (base - back * base / 10) / CASE t.plan WHEN 'free' THEN 3 ELSE 1 END
FROM tenants t, (VALUES ('messages', 1240), ('imports', 6), ('reports', 9), ('campaigns', 3)) AS used (metric, base), generate_series(0, 5) AS back
WHERE t.id = current_setting('app.tenant_id')::uuid;

-- The last one is open, the one three months ago was paid late.
INSERT INTO invoices (tenant_id, id, number, description, amount_cents, currency, status, issued_at, due_at, paid_at)
SELECT t.id, uuidv7(issued - now()), to_char(issued, 'YYYY-MM') || '-0001', p.title || ', ' || sold || ' seats', sold * p.price_cents, p.currency,
       CASE back WHEN 0 THEN 'open' ELSE 'paid' END, issued, issued + interval '14 days',
       CASE back WHEN 0 THEN NULL WHEN 3 THEN issued + interval '20 days' ELSE issued + interval '5 days' END
FROM tenants t JOIN plans p ON p.name = t.plan,
     generate_series(0, 11) AS back,
     LATERAL (SELECT date_trunc('month', now()) - make_interval(months => back), CASE WHEN back > 7 THEN 6 ELSE 10 END) AS month (issued, sold)
WHERE t.id = current_setting('app.tenant_id')::uuid AND p.price_cents > 0;
