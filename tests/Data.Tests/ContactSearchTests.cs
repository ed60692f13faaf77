using System.Text.RegularExpressions;
using Microsoft.EntityFrameworkCore;
using Npgsql;
using Platform.Data.Contacts;
using Platform.Tenancy;

namespace Platform.Data.Tests;

[Trait("Req", "D9")]
public sealed class ContactSearchTests(PlatformDatabase database) : IClassFixture<PlatformDatabase>, IAsyncLifetime
{
    private static readonly TenantId Large = new(Guid.Parse("01900000-0000-7000-8000-000000000001"));

    public async Task InitializeAsync()
    {
        await using var admin = database.CreateAdminPool();
        await using var command = admin.CreateCommand(
            """
            INSERT INTO tenants (id, slug, name, plan) VALUES ($1, 'large', 'Large', 'pro') ON CONFLICT DO NOTHING;
            """);
        command.Parameters.AddWithValue(Large.Value);
        if (await command.ExecuteNonQueryAsync() == 0)
            return;
        await using var fill = admin.CreateCommand(
            """
            INSERT INTO contacts (tenant_id, id, name, email, created_at)
            SELECT $1, gen_random_uuid(), 'Common ' || CASE WHEN i = 6000 THEN 'needle' ELSE 'hay' END,
                   'p' || i || '@example.com', now() - make_interval(secs => i)
            FROM generate_series(1, 6000) AS i
            """);
        fill.Parameters.AddWithValue(Large.Value);
        await fill.ExecuteNonQueryAsync();
        await using var analyze = admin.CreateCommand("ANALYZE contacts");
        await analyze.ExecuteNonQueryAsync();
    }

    public Task DisposeAsync() => Task.CompletedTask;

    [Theory]
    [InlineData("%common%", 0, 20, 20, "p1@example.com")]
    [InlineData("%common%", 5990, 20, 10, "p5991@example.com")]
    [InlineData("%needle%", 0, 20, 1, "p6000@example.com")]
    [InlineData("%p599%", 0, 20, 11, "p599@example.com")]
    [InlineData("%nothing%", 0, 20, 0, null)]
    public async Task Search_finds_common_and_rare_text_newest_first(string pattern, int skip, int take, int count, string? first)
    {
        await using var pool = database.CreateAppPool();
        await using var db = PlatformDatabase.CreateContext(pool, Large);

        var found = await SearchAsync(db, pattern, skip, take);

        Assert.Equal((count, first), (found.Count, found.FirstOrDefault()?.Email));
        Assert.Equal(found.OrderByDescending(contact => contact.CreatedAt), found);
    }

    [Fact]
    [Trait("Req", "B2")]
    public async Task Search_sees_only_the_tenants_own_and_nothing_without_one()
    {
        await using var pool = database.CreateAppPool();
        await using (var db = PlatformDatabase.CreateContext(pool, PlatformDatabase.Globex))
            Assert.All(await SearchAsync(db, "%", 0, 50), contact => Assert.Equal(PlatformDatabase.Globex.Value, contact.TenantId));

        await using var rows = pool.CreateCommand("SELECT count(*) FROM search_contacts('%', NULL, NULL, 0, 50)");
        Assert.Equal(0L, await rows.ExecuteScalarAsync());
        await using var count = pool.CreateCommand("SELECT count_contacts('%', 50)");
        Assert.Equal(0L, await count.ExecuteScalarAsync());
    }

    [Theory]
    [InlineData("")]
    [InlineData("AND (created_at, id) < (now() - interval '5000 seconds', $1)")]
    public async Task List_page_first_or_deep_reads_only_its_rows_from_the_index(string after)
    {
        await using var pool = database.CreateAppPool();
        await using var db = PlatformDatabase.CreateContext(pool, Large);
        await using var transaction = await db.BeginAsync();
        await using var command = transaction.CreateCommand(
            $"""
            EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF, BUFFERS OFF)
            SELECT * FROM contacts WHERE tenant_id = $1 {after} ORDER BY created_at DESC, id DESC LIMIT 21
            """);
        command.Parameters.AddWithValue(Large.Value);
        var plan = new List<string>();
        await using var reader = await command.ExecuteReaderAsync();
        while (await reader.ReadAsync())
            plan.Add(reader.GetString(0));

        Assert.Contains(plan, line => Regex.IsMatch(line, "Index Scan using contacts_created_idx .*rows=21"));
        Assert.DoesNotContain(plan, line => Regex.IsMatch(line, @"Sort|Filter: \(tenant"));
    }

    private static Task<List<Contact>> SearchAsync(PlatformDb db, string pattern, int skip, int take) =>
        db.Contacts.FromSql($"SELECT * FROM search_contacts({pattern}, NULL, NULL, {skip}, {take})").IgnoreQueryFilters().ToListAsync();
}
