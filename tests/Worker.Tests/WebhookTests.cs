using System.Text.Json;
using Platform.Data.Webhooks;
using Platform.Jobs;
using static Platform.Worker.Tests.WorkerDatabase;

namespace Platform.Worker.Tests;

[Trait("Req", "F9")]
public sealed class WebhookTests
{
    private const string Meta = WebhookProviders.Meta, Generic = WebhookProviders.Generic;

    [Fact]
    public async Task Message_of_a_stranger_makes_contact_conversation_and_message()
    {
        await using var database = await WorkerDatabase.CreateAsync();
        await using var host = await WebhookHost.StartAsync(database);
        var source = await host.SourceAsync(Acme, Meta);

        var (status, error) = await host.ProcessAsync(Acme, source, Meta, WhatsApp("wamid.1", "4915112345678", "Hello?", "Ada\u0007 Byron"));

        Assert.Equal(("processed", (string?)null), (status, error));
        Assert.Equal("+4915112345678", await database.ScalarAsync<string>("SELECT phone FROM contacts WHERE tenant_id = $1", Acme.Value));
        Assert.Equal(
            "whatsapp|open|1|Hello?|in|delivered|wamid.1",
            await database.ScalarAsync<string>(
                """
                SELECT concat_ws('|', c.channel, c.status, c.unread_count, c.last_message, m.direction, m.status, m.external_id)
                FROM conversations c JOIN messages m ON m.conversation_id = c.id
                WHERE m.external_id = 'wamid.1' AND m.tenant_id = $1 AND c.last_message_at = m.created_at
                """,
                Acme.Value));
        Assert.Equal(["contact.created", "message.created", "conversation.created"], host.Events.Select(e => e.Event.Type));
        Assert.All(host.Events, e => Assert.Equal(Acme, e.Tenant));
        Assert.StartsWith("conversation:", host.Events.Single(e => e.Event.Type == "message.created").Event.Channel, StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Req", "F4")]
    public async Task Message_delivered_in_two_calls_is_stored_once()
    {
        await using var database = await WorkerDatabase.CreateAsync();
        await using var host = await WebhookHost.StartAsync(database);
        var source = await host.SourceAsync(Acme, Meta);

        await host.ProcessAsync(Acme, source, Meta, WhatsApp("wamid.2", "4915112345678", "Once"));
        var again = await host.ProcessAsync(Acme, source, Meta, WhatsApp("wamid.2", "4915112345678", "Once"));

        Assert.Equal("processed", again.Status);
        Assert.Equal(1L, await database.ScalarAsync<long>("SELECT count(*) FROM messages WHERE external_id = 'wamid.2'"));
        Assert.Equal(1, await database.ScalarAsync<int>("SELECT unread_count FROM conversations WHERE last_message = 'Once'"));
        Assert.Single(host.Events, e => e.Event.Type == "message.created");
    }

    [Fact]
    public async Task Known_contact_goes_on_in_the_open_conversation_and_gets_a_new_one_after_closing()
    {
        await using var database = await WorkerDatabase.CreateAsync();
        await using var host = await WebhookHost.StartAsync(database);
        var source = await host.SourceAsync(Acme, Meta);
        // Stored without its plus.
        await database.ScalarAsync<Guid>(
            "INSERT INTO contacts (tenant_id, id, name, phone) VALUES ($1, gen_random_uuid(), 'Known', '4915112345678') RETURNING id", Acme.Value);

        await host.ProcessAsync(Acme, source, Meta, WhatsApp("wamid.3", "4915112345678", "One"));
        await database.ScalarAsync<Guid>("UPDATE conversations SET status = 'resolved' WHERE contact_name = 'Known' RETURNING id");
        await host.ProcessAsync(Acme, source, Meta, WhatsApp("wamid.4", "4915112345678", "Two"));
        Assert.Equal("Two|open|2", await database.ScalarAsync<string>(
            "SELECT concat_ws('|', last_message, status, unread_count) FROM conversations WHERE contact_name = 'Known'"));
        await database.ScalarAsync<Guid>("UPDATE conversations SET status = 'closed' WHERE contact_name = 'Known' RETURNING id");
        await host.ProcessAsync(Acme, source, Meta, WhatsApp("wamid.5", "4915112345678", "Three"));

        Assert.Equal(2L, await database.ScalarAsync<long>("SELECT count(*) FROM conversations WHERE contact_name = 'Known'"));
        Assert.Equal(1L, await database.ScalarAsync<long>("SELECT count(*) FROM contacts WHERE tenant_id = $1", Acme.Value));
    }

    [Fact]
    [Trait("Req", "B4")]
    public async Task Same_sender_and_id_in_two_tenants_stay_apart()
    {
        await using var database = await WorkerDatabase.CreateAsync();
        await using var host = await WebhookHost.StartAsync(database);

        foreach (var tenant in new[] { Acme, Globex })
        {
            var source = await host.SourceAsync(tenant, Meta);
            Assert.Equal("processed", (await host.ProcessAsync(tenant, source, Meta, WhatsApp("wamid.6", "4915112345678", "Hi"))).Status);
        }

        foreach (var tenant in new[] { Acme, Globex })
        {
            Assert.Equal(1L, await database.ScalarAsync<long>(
                """
                SELECT count(*) FROM messages m JOIN conversations c ON c.tenant_id = m.tenant_id AND c.id = m.conversation_id
                JOIN contacts k ON k.tenant_id = c.tenant_id AND k.id = c.contact_id
                WHERE m.external_id = 'wamid.6' AND m.tenant_id = $1
                """,
                tenant.Value));
        }
    }

    [Fact]
    public async Task Status_takes_an_outgoing_message_on_but_never_back()
    {
        await using var database = await WorkerDatabase.CreateAsync();
        await using var host = await WebhookHost.StartAsync(database);
        var source = await host.SourceAsync(Acme, Meta);
        await host.ProcessAsync(Acme, source, Meta, WhatsApp("wamid.7", "4915112345678", "Hi"));
        await database.ScalarAsync<Guid>(
            """
            INSERT INTO messages (tenant_id, id, conversation_id, channel, direction, author_name, body, external_id, status)
            SELECT tenant_id, gen_random_uuid(), conversation_id, channel, 'out', 'Agent', 'Answer', 'wamid.8', 'sent'
            FROM messages WHERE external_id = 'wamid.7' RETURNING id
            """);

        foreach (var (told, expected) in new[] { ("delivered", "delivered"), ("read", "read"), ("delivered", "read"), ("failed", "read") })
        {
            Assert.Equal("processed", (await host.ProcessAsync(Acme, source, Meta, Status("wamid.8", told))).Status);
            Assert.Equal(expected, await database.ScalarAsync<string>("SELECT status FROM messages WHERE external_id = 'wamid.8'"));
        }
        Assert.Equal(2, host.Events.Count(e => e.Event.Type == "message.updated"));
        // One that came in can't be taken anywhere, one that isn't known neither.
        await host.ProcessAsync(Acme, source, Meta, Status("wamid.7", "read"));
        Assert.Equal("delivered", await database.ScalarAsync<string>("SELECT status FROM messages WHERE external_id = 'wamid.7'"));
        Assert.Equal("ignored", (await host.ProcessAsync(Acme, source, Meta, Status("wamid.unknown", "read"))).Status);
    }

    [Theory]
    [InlineData(Meta, """{"object":"page","entry":[]}""", "Calls about 'page' aren't handled.")]
    [InlineData(Meta, """{"object":"whatsapp_business_account","entry":[{"changes":[{"field":"account_update","value":{}}]}]}""", "Changes of 'account_update' aren't handled.")]
    [InlineData(Meta, """{"object":"whatsapp_business_account","entry":7}""", "The call tells nothing.")]
    [InlineData(Generic, """{"type":"order.paid","data":{}}""", "Events of type 'order.paid' aren't handled.")]
    [InlineData(Generic, """{"type":"message.received","data":{"text":"Hi"}}""", "A message needs its sender's 'phone' or 'email'.")]
    [InlineData(Generic, """{"type":"message.received","data":{"text":"Hi","phone":"call me"}}""", "The sender's phone number or e-mail address isn't valid.")]
    [InlineData(Generic, """{"type":"message.received","data":{"text":"\ud800","phone":"1"}}""", "The body isn't the JSON its sender should send.")]
    [InlineData(Generic, "[1,2", "The body isn't the JSON its sender should send.")]
    public async Task What_cannot_be_used_is_recorded_with_its_reason(string provider, string body, string reason)
    {
        await using var database = await WorkerDatabase.CreateAsync();
        await using var host = await WebhookHost.StartAsync(database);
        var source = await host.SourceAsync(Acme, provider);

        Assert.Equal(("ignored", reason), await host.ProcessAsync(Acme, source, provider, body));
        Assert.Equal(0L, await database.ScalarAsync<long>("SELECT count(*) FROM contacts"));
        Assert.Equal(0L, await database.ScalarAsync<long>("SELECT count(*) FROM jobs.attempts"));
        Assert.Empty(host.Events);
    }

    [Fact]
    public async Task Generic_messages_of_two_systems_with_the_same_id_are_two()
    {
        await using var database = await WorkerDatabase.CreateAsync();
        await using var host = await WebhookHost.StartAsync(database);
        const string Body = """{"type":"message.received","data":{"id":"1","channel":"email","email":"Ada@Example.com","name":"Ada","subject":"Hi","text":"Hello\u0000"}}""";

        foreach (var source in new[] { await host.SourceAsync(Acme, Generic), await host.SourceAsync(Acme, Generic) })
            Assert.Equal("processed", (await host.ProcessAsync(Acme, source, Generic, Body)).Status);

        Assert.Equal("1|2", await database.ScalarAsync<string>(
            "SELECT count(DISTINCT conversation_id) || '|' || count(*) FROM messages WHERE body LIKE 'Hello%' AND channel = 'email' AND direction = 'in' AND author_name = 'Ada'"));
        Assert.Equal("Hi", await database.ScalarAsync<string>("SELECT subject FROM conversations WHERE contact_name = 'Ada'"));
    }

    [Fact]
    [Trait("Req", "F5")]
    public async Task Messages_of_one_sender_keep_their_order_and_a_tenant_has_at_most_two_at_once()
    {
        await using var database = await WorkerDatabase.CreateAsync();
        await using var host = await WebhookHost.StartAsync(database);
        var source = await host.SourceAsync(Acme, Meta);
        var (running, most) = (0, 0);
        host.OnEvent = _ =>
        {
            // Published from within the job, after its commit.
            var now = Interlocked.Increment(ref running);
            most = Math.Max(most, now);
            Thread.SpinWait(20_000);
            Interlocked.Decrement(ref running);
        };

        var jobs = new List<Guid>();
        for (var i = 0; i < 30; i++)
        {
            var call = WhatsApp($"wamid.o{i}", $"49151123456{i % 3:00}", $"{i / 3}");
            jobs.AddRange((await host.CallAsync(Acme, source, Meta, call)).Jobs);
        }
        foreach (var job in jobs)
            await database.WaitForAsync(Acme, job, JobStates.Succeeded);

        Assert.Equal("0123456789,0123456789,0123456789", await database.ScalarAsync<string>(
            """
            SELECT string_agg(said, ',') FROM (
                SELECT string_agg(body, '' ORDER BY created_at, id) AS said FROM messages WHERE external_id LIKE 'wamid.o%' GROUP BY conversation_id) AS c
            """));
        Assert.InRange(most, 1, 2);
    }

    [Fact]
    public async Task One_call_with_two_senders_has_a_job_for_each()
    {
        await using var database = await WorkerDatabase.CreateAsync();
        await using var host = await WebhookHost.StartAsync(database);
        var source = await host.SourceAsync(Acme, Meta);
        var body = Call("messages", new object[] { Text("wamid.a", "4915100000001", "A"), Text("wamid.b", "4915100000002", "B") });

        var (id, jobs) = await host.CallAsync(Acme, source, Meta, body);
        foreach (var job in jobs)
            await database.WaitForAsync(Acme, job, JobStates.Succeeded);

        Assert.Equal(2, jobs.Count);
        Assert.Equal(2L, await database.ScalarAsync<long>("SELECT count(*) FROM messages WHERE external_id IN ('wamid.a', 'wamid.b')"));
        Assert.Equal("processed", await database.ScalarAsync<string>("SELECT status FROM webhook_events WHERE id = $1", id));
    }

    private static string WhatsApp(string id, string from, string text, string? name = null) => Call(
        "messages", new object[] { Text(id, from, text) },
        name is null ? null : new object[] { new { wa_id = from, profile = new { name } } });

    private static object Text(string id, string from, string body) => new { id, from, type = "text", timestamp = "1700000000", text = new { body } };

    private static string Status(string id, string status) =>
        Call("statuses", new object[] { new { id, status, recipient_id = "4915112345678", errors = new[] { new { title = "Late" } } } });

    private static string Call(string what, object[] items, object[]? contacts = null) => JsonSerializer.Serialize(new Dictionary<string, object>
    {
        ["object"] = "whatsapp_business_account",
        ["entry"] = new object[]
        {
            new
            {
                id = "1",
                changes = new object[]
                {
                    new { field = "messages", value = new Dictionary<string, object> { [what] = items, ["contacts"] = contacts ?? [] } },
                },
            },
        },
    });
}
