using Npgsql;
using Platform.Tenancy;

namespace Platform.Data.Tests;

/// <summary>A database in which one tenant has enough rows for the planner to prefer indexes for good reasons.</summary>
public sealed class VolumeDatabase : IAsyncLifetime
{
    public static readonly TenantId Large = new(Guid.Parse("01900000-0000-7000-8000-00000000001a"));

    public PlatformDatabase Database { get; } = new();

    public async Task InitializeAsync()
    {
        await Database.InitializeAsync();
        await using var admin = Database.CreateAdminPool();
        await using var command = admin.CreateCommand(
            $"""
            BEGIN;
            SELECT set_config('large.id', '{Large}', true);
            INSERT INTO tenants (id, slug, name, plan) VALUES ('{Large}', 'large', 'Large', 'enterprise');
            INSERT INTO users (id, email, name, password_hash)
                SELECT ('00000000-0000-7000-8000-' || lpad(i::text, 12, '0'))::uuid, 'user' || i || '@large.example', 'User ' || i, '-' FROM generate_series(1, 20) AS i;
            INSERT INTO memberships (tenant_id, user_id) SELECT '{Large}', id FROM users WHERE email LIKE '%@large.example';
            INSERT INTO agents (tenant_id, user_id) SELECT '{Large}', user_id FROM memberships WHERE tenant_id = '{Large}';
            INSERT INTO teams (tenant_id, id, name) SELECT '{Large}', gen_random_uuid(), 'Team ' || i FROM generate_series(1, 10) AS i;
            INSERT INTO contacts (tenant_id, id, name, phone, created_at)
                SELECT '{Large}', gen_random_uuid(), 'Contact ' || i, '+4477' || lpad(i::text, 8, '0'), now() - make_interval(mins => i) FROM generate_series(1, 4000) AS i;
            INSERT INTO conversations (tenant_id, id, contact_id, contact_name, channel, status, subject, assigned_agent_id, assigned_team_id, updated_at)
                SELECT '{Large}', gen_random_uuid(), contact.id, contact.name, 'web', (ARRAY['open', 'pending', 'resolved', 'closed'])[1 + i % 4],
                       CASE i WHEN 11999 THEN 'needle' ELSE 'About ' || i END, agent.user_id, team.id, now() - make_interval(secs => i)
                FROM generate_series(1, 12000) AS i
                JOIN (SELECT id, name, row_number() OVER () AS n FROM contacts WHERE tenant_id = '{Large}') AS contact ON contact.n = 1 + i % 4000
                JOIN (SELECT user_id, row_number() OVER () AS n FROM agents WHERE tenant_id = '{Large}') AS agent ON agent.n = 1 + i % 20
                JOIN (SELECT id, row_number() OVER () AS n FROM teams WHERE tenant_id = '{Large}') AS team ON team.n = 1 + i % 10;
            INSERT INTO messages (tenant_id, id, conversation_id, channel, direction, author_name, body, status, external_id, created_at)
                SELECT '{Large}', gen_random_uuid(), c.id, 'web', 'in', 'Somebody', 'Hello', 'read', c.id || '-' || i, now() - make_interval(mins => i)
                FROM conversations c, generate_series(1, 2) AS i WHERE c.tenant_id = '{Large}';
            INSERT INTO campaigns (tenant_id, id, name, channel, body, status, created_at)
                SELECT '{Large}', gen_random_uuid(), 'Campaign ' || i, 'email', 'Hello', (ARRAY['draft', 'sent'])[1 + i % 2], now() - make_interval(hours => i)
                FROM generate_series(1, 3000) AS i;
            INSERT INTO campaign_recipients (tenant_id, campaign_id, contact_id, address, state)
                SELECT '{Large}', campaign.id, contact.id, contact.phone, (ARRAY['pending', 'sent', 'failed'])[1 + floor(random() * 3)::int]
                FROM (SELECT id FROM campaigns WHERE tenant_id = '{Large}' LIMIT 2) AS campaign, contacts contact WHERE contact.tenant_id = '{Large}';
            INSERT INTO professionals (tenant_id, id, name, created_at)
                SELECT '{Large}', gen_random_uuid(), 'Professional ' || i, now() - make_interval(hours => i) FROM generate_series(1, 1000) AS i;
            INSERT INTO events (tenant_id, id, title, professional_id, contact_id, starts_at, ends_at, status)
                SELECT '{Large}', gen_random_uuid(), CASE i WHEN 7999 THEN 'needle' ELSE 'Fitting ' || i END, professional.id, contact.id,
                       now() - make_interval(hours => i), now() - make_interval(hours => i, mins => -30), (ARRAY['completed', 'cancelled'])[1 + i % 2]
                FROM generate_series(1, 8000) AS i
                JOIN (SELECT id, row_number() OVER () AS n FROM professionals WHERE tenant_id = '{Large}') AS professional ON professional.n = 1 + i % 1000
                JOIN (SELECT id, row_number() OVER () AS n FROM contacts WHERE tenant_id = '{Large}') AS contact ON contact.n = 1 + i % 4000;
            INSERT INTO notifications (tenant_id, id, user_id, kind, title, read_at, created_at)
                SELECT '{Large}', gen_random_uuid(), user_id, 'test', 'Title', CASE i % 3 WHEN 0 THEN NULL ELSE now() END, now() - make_interval(mins => i)
                FROM memberships, generate_series(1, 500) AS i WHERE tenant_id = '{Large}';
            INSERT INTO reports (tenant_id, id, kind, title, status, created_at)
                SELECT '{Large}', gen_random_uuid(), 'contacts', 'Report', (ARRAY['completed', 'failed'])[1 + i % 2], now() - make_interval(mins => i) FROM generate_series(1, 3000) AS i;
            INSERT INTO invoices (tenant_id, id, number, amount_cents, currency, status, issued_at, due_at)
                SELECT '{Large}', gen_random_uuid(), i::text, i, 'EUR', 'open', now() - make_interval(hours => i), now() FROM generate_series(1, 2000) AS i;
            INSERT INTO audit_log (tenant_id, id, at, action)
                SELECT '{Large}', gen_random_uuid(), now() - make_interval(mins => i), 'test' FROM generate_series(1, 5000) AS i;
            INSERT INTO campaign_opt_outs (tenant_id, id, address_key, contact_id, campaign_id, created_at)
                SELECT '{Large}', gen_random_uuid(), 'reader-' || i || '@example.com', gen_random_uuid(), gen_random_uuid(), now() - make_interval(mins => i)
                FROM generate_series(1, 20000) AS i;
            INSERT INTO webhook_sources (tenant_id, id, provider, slug, name, secret)
                SELECT '{Large}', gen_random_uuid(), 'generic', 'source-' || lpad(i::text, 8, '0'), 'Source', '-' FROM generate_series(1, 500) AS i;
            INSERT INTO webhook_events (tenant_id, id, source_id, external_id, payload, received_at)
                SELECT '{Large}', gen_random_uuid(), id, i::text, 'x', now() - make_interval(mins => i) FROM webhook_sources, generate_series(1, 10) AS i;
            INSERT INTO webhook_endpoints (tenant_id, id, url, secret, event_types)
                SELECT '{Large}', gen_random_uuid(), 'https://hooks.example', '-', ARRAY['contact.created'] FROM generate_series(1, 500) AS i;
            INSERT INTO webhook_deliveries (tenant_id, id, endpoint_id, event_id, event_type, payload, created_at)
                SELECT '{Large}', gen_random_uuid(), id, gen_random_uuid(), 'contact.created', 'x', now() - make_interval(mins => i)
                FROM webhook_endpoints, generate_series(1, 10) AS i;
            COMMIT;
            """);
        command.CommandTimeout = 120;
        await command.ExecuteNonQueryAsync();
        await using var analyze = admin.CreateCommand("VACUUM ANALYZE");
        analyze.CommandTimeout = 120;
        await analyze.ExecuteNonQueryAsync();
    }

    public Task DisposeAsync() => Database.DisposeAsync();
}
