using Microsoft.EntityFrameworkCore;
using Npgsql;
using Platform.Data.Contacts;
using Platform.Data.Conversations;
using Platform.Data.Scheduling;

namespace Platform.Data.Tests;

/// <summary>That every mapped entity fits its table, and what the schema promises beyond isolation.</summary>
public sealed class ModelTests(PlatformDatabase database) : IClassFixture<PlatformDatabase>
{
    [Fact]
    [Trait("Req", "B2")]
    public async Task Every_entity_reads_its_table_and_only_its_tenants_rows()
    {
        await using var pool = database.CreateAppPool();
        await using var db = PlatformDatabase.CreateContext(pool, PlatformDatabase.Globex);

        foreach (var entity in db.Model.GetEntityTypes())
        {
            var read = typeof(ModelTests).GetMethod(nameof(ReadAsync), System.Reflection.BindingFlags.Static | System.Reflection.BindingFlags.NonPublic)!
                .MakeGenericMethod(entity.ClrType);
            var rows = await (Task<IReadOnlyList<object>>)read.Invoke(null, [db])!;
            Assert.All(rows.OfType<ITenantOwned>(), row => Assert.Equal(PlatformDatabase.Globex.Value, row.TenantId));
        }
    }

    [Fact]
    public async Task Demo_data_fills_what_the_pages_show()
    {
        await using var pool = database.CreateAppPool();
        await using var db = PlatformDatabase.CreateContext(pool, PlatformDatabase.Acme);

        var counts = (
            await db.Conversations.CountAsync(), await db.Professionals.CountAsync(), await db.Appointments.CountAsync(),
            await db.Notifications.CountAsync(), await db.Campaigns.CountAsync(), await db.Teams.CountAsync(), await db.Agents.CountAsync());

        Assert.Equal((20, 6, 30, 20, 4, 2, 2), counts);
        Assert.True(await db.Messages.CountAsync() > 40);
    }

    [Fact]
    public async Task Insert_without_times_and_version_gets_them_from_the_database()
    {
        await using var pool = database.CreateAppPool();
        await using var db = PlatformDatabase.CreateContext(pool, PlatformDatabase.Acme);
        var professional = new Professional { TenantId = db.Tenant.Value, Id = Guid.CreateVersion7(), Name = "Petra Lindqvist", Specialties = ["skis"] };

        db.Add(professional);
        await db.SaveChangesAsync();

        Assert.Equal(1, professional.Version);
        Assert.Equal("petra lindqvist  ", professional.Search);
        Assert.True(professional.CreatedAt > DateTimeOffset.UnixEpoch);
        await db.Professionals.Where(row => row.Id == professional.Id).ExecuteDeleteAsync();
    }

    [Fact]
    public async Task Renamed_contact_renames_its_conversations_and_deleted_one_leaves_them()
    {
        await using var pool = database.CreateAppPool();
        await using var db = PlatformDatabase.CreateContext(pool, PlatformDatabase.Acme);
        var contact = new Contact { TenantId = db.Tenant.Value, Id = Guid.CreateVersion7(), Name = "Before", Email = "before@example.org" };
        var conversation = new Conversation
        {
            TenantId = db.Tenant.Value, Id = Guid.CreateVersion7(), ContactId = contact.Id, ContactName = "Before", Channel = Channels.Web,
            Status = ConversationStatus.Open, Subject = "Hello",
        };
        db.AddRange(contact, conversation);
        await db.SaveChangesAsync();

        await db.Contacts.Where(row => row.Id == contact.Id).ExecuteUpdateAsync(set => set.SetProperty(row => row.Name, "After"));
        var renamed = await db.Conversations.SingleAsync(row => row.Id == conversation.Id);
        await db.Contacts.Where(row => row.Id == contact.Id).ExecuteDeleteAsync();
        var left = await db.Conversations.SingleAsync(row => row.Id == conversation.Id);

        Assert.Equal(("After", "hello after", 2L), (renamed.ContactName, renamed.Search, renamed.Version));
        Assert.Equal(conversation.UpdatedAt, renamed.UpdatedAt);
        Assert.Equal(("After", null), (left.ContactName, left.ContactId));
        await db.Conversations.Where(row => row.Id == conversation.Id).ExecuteDeleteAsync();
    }

    [Fact]
    public async Task Double_booking_is_refused_but_not_the_slot_that_follows_or_a_cancelled_one()
    {
        await using var pool = database.CreateAppPool();
        await using var db = PlatformDatabase.CreateContext(pool, PlatformDatabase.Acme);
        var professional = await db.Professionals.Select(row => row.Id).FirstAsync();
        var start = DateTimeOffset.UtcNow.AddYears(3);

        await BookAsync(start, AppointmentStatus.Confirmed);
        await BookAsync(start.AddHours(1), AppointmentStatus.Scheduled);
        await BookAsync(start.AddMinutes(30), AppointmentStatus.Cancelled);
        var error = await Assert.ThrowsAsync<PostgresException>(() => BookAsync(start.AddMinutes(30), AppointmentStatus.Scheduled));

        Assert.Equal(PostgresErrorCodes.ExclusionViolation, error.SqlState);
        Assert.Equal("events_no_double_booking", error.ConstraintName);
        await db.Appointments.Where(row => row.StartsAt >= start).ExecuteDeleteAsync();

        Task BookAsync(DateTimeOffset at, string status) => db.Database.ExecuteSqlAsync(
            $"""
            INSERT INTO events (tenant_id, id, title, professional_id, starts_at, ends_at, status)
            VALUES ({db.Tenant.Value}, {Guid.CreateVersion7()}, 'Fitting', {professional}, {at}, {at.AddHours(1)}, {status})
            """);
    }

    [Fact]
    public async Task Change_of_plan_reaches_tenant_and_subscription_of_the_current_tenant_only()
    {
        await using var pool = database.CreateAppPool();
        await using var globex = PlatformDatabase.CreateContext(pool, PlatformDatabase.Globex);
        await using var transaction = await globex.BeginAsync();

        await globex.Database.ExecuteSqlAsync($"CALL change_plan('pro')");

        Assert.Equal("pro", await globex.Set<Billing.Subscription>().Select(row => row.Plan).SingleAsync());
        Assert.Equal("pro", await globex.Set<Tenants.Tenant>().Select(row => row.Plan).SingleAsync());
        await using var command = pool.CreateCommand("CALL change_plan('free')");
        await command.ExecuteNonQueryAsync();
        await using var acme = PlatformDatabase.CreateContext(pool, PlatformDatabase.Acme);
        Assert.Equal("pro", await acme.Set<Tenants.Tenant>().Select(row => row.Plan).SingleAsync());
    }

    private static async Task<IReadOnlyList<object>> ReadAsync<T>(PlatformDb db)
        where T : class => await db.Set<T>().Take(50).ToListAsync();
}
