using System.Net;
using Platform.Api.Tests.Imports;
using Platform.Data.Seed;

namespace Platform.Api.Tests.Billing;

/// <summary>How many contacts and messages a plan allows, and what only some include.</summary>
[Collection(ApiTests.Name)]
[Trait("Req", "D1")]
public sealed class UsageLimitTests : IAsyncLifetime
{
    private PlanApi _api = null!;

    public async Task InitializeAsync() => _api = await PlanApi.StartAsync();

    public async Task DisposeAsync() => await _api.DisposeAsync();

    [Fact]
    public async Task Contact_beyond_the_plan_is_refused_and_so_is_an_import_until_there_is_room()
    {
        using var acme = await _api.SignInAsync(DemoAccounts.AcmeAdmin);
        var count = await ContactsAsync();
        await _api.ExecuteAsync($"UPDATE plans SET contacts = {count + 1} WHERE name = 'pro'");

        var last = await acme.CreateAsync("/api/contacts", Contact(1));
        var full = await (await acme.PostAsync("/api/contacts", Contact(2))).ProblemAsync(402);
        await (await ImportAsync(acme)).ProblemAsync(402);

        Assert.Equal(("contacts", count + 1, count + 1), (full.Text("limit"), full.GetProperty("used").GetInt64(), full.GetProperty("allowed").GetInt64()));
        Assert.Equal($"The tenant's plan has {count + 1} contacts, of which {count + 1} are taken.", full.Text("detail"));
        Assert.Equal(count + 1, await ContactsAsync());
        Assert.Equal(HttpStatusCode.NoContent, (await acme.DeleteAsync($"/api/contacts/{last.Text("id")}")).StatusCode);
        Assert.Equal(HttpStatusCode.Accepted, (await ImportAsync(acme)).StatusCode);
        await acme.CreateAsync("/api/contacts", Contact(2));
        // Another tenant's limit is its own.
        using var globex = await _api.SignInAsync(DemoAccounts.GlobexAdmin);
        await globex.CreateAsync("/api/contacts", Contact(3));
    }

    [Fact]
    [Trait("Req", "D5")]
    public async Task Repeated_upload_gets_its_answer_though_the_plan_is_full_by_now()
    {
        using var acme = await _api.SignInAsync(DemoAccounts.AcmeAdmin);
        var key = Guid.NewGuid().ToString();
        var first = await (await ImportAsync(acme, key)).JsonAsync(HttpStatusCode.Accepted);
        await _api.ExecuteAsync($"UPDATE plans SET contacts = {await ContactsAsync()} WHERE name = 'pro'");

        var again = await (await ImportAsync(acme, key)).JsonAsync(HttpStatusCode.Accepted);
        await (await ImportAsync(acme, Guid.NewGuid().ToString())).ProblemAsync(402);

        Assert.Equal(first.ToString(), again.ToString());
    }

    [Fact]
    public async Task Of_many_contacts_at_once_only_as_many_come_in_as_the_plan_has_room_for()
    {
        using var acme = await _api.SignInAsync(DemoAccounts.AcmeAdmin);
        var count = await ContactsAsync();
        await _api.ExecuteAsync($"UPDATE plans SET contacts = {count + 3} WHERE name = 'pro'");

        var answers = await Task.WhenAll(Enumerable.Range(0, 12).Select(async n => (await acme.PostAsync("/api/contacts", Contact(n))).StatusCode));

        Assert.Equal((3, 9), (answers.Count(answer => answer == HttpStatusCode.Created), answers.Count(answer => answer == HttpStatusCode.PaymentRequired)));
        Assert.Equal(count + 3, await ContactsAsync());
    }

    [Fact]
    public async Task Of_many_messages_at_once_only_as_many_are_written_as_the_month_has_left()
    {
        using var acme = await _api.SignInAsync(DemoAccounts.AcmeAdmin);
        var used = await _api.CountAsync(
            $"SELECT value FROM usage_counters WHERE tenant_id = '{DemoAccounts.Acme}' AND metric = 'messages' AND period = date_trunc('month', now() AT TIME ZONE 'UTC')::date");
        await _api.ExecuteAsync($"UPDATE plans SET monthly_messages = {used + 2} WHERE name = 'pro'");
        var conversations = (await (await acme.GetAsync("/api/conversations?limit=4")).JsonAsync()).GetProperty("data").EnumerateArray().ToList();
        var before = await MessagesAsync();

        var answers = await Task.WhenAll(conversations.Select(
            async one => await acme.PostAsync($"/api/conversations/{one.Text("id")}/messages", new { body = "Hello" })));

        Assert.Equal(2, answers.Count(answer => answer.StatusCode == HttpStatusCode.Created));
        var full = await answers.First(answer => answer.StatusCode != HttpStatusCode.Created).ProblemAsync(402);
        Assert.Equal(("monthly_messages", used + 2), (full.Text("limit"), full.GetProperty("used").GetInt64()));
        Assert.Equal(before + 2, await MessagesAsync());
        await _api.ChangePlanAsync(DemoAccounts.Acme, "enterprise");
        await acme.CreateAsync($"/api/conversations/{conversations[0].Text("id")}/messages", new { body = "Hello" });
        var subscription = await (await acme.GetAsync("/api/user/subscription")).JsonAsync();
        Assert.Equal(used + 3, subscription.GetProperty("used").GetProperty("messages").GetInt64());
    }

    [Fact]
    public async Task Webhooks_are_refused_by_a_plan_without_and_those_there_stay()
    {
        const string Endpoints = "/api/admin/webhook-endpoints", Sources = "/api/admin/webhook-sources";
        var endpoint = new { url = "https://example.com/hook", eventTypes = new[] { "contact.created" } };
        var source = new { provider = "generic", name = "Shop" };
        using var acme = await _api.SignInAsync(DemoAccounts.AcmeAdmin);
        var own = await acme.CreateAsync(Endpoints, endpoint);
        await acme.CreateAsync(Sources, source);

        await _api.ChangePlanAsync(DemoAccounts.Acme, "free");

        foreach (var (url, body) in new (string, object)[] { (Endpoints, endpoint), (Sources, source) })
            Assert.Equal("webhooks", (await (await acme.PostAsync(url, body)).ProblemAsync(402)).Text("feature"));
        await (await acme.GetAsync($"{Endpoints}/{own.Text("id")}")).JsonAsync();
        await (await acme.PostAsync($"{Endpoints}/{own.Text("id")}/rotate-secret", new { })).JsonAsync();
    }

    private static object Contact(int number) => new { name = $"Limit {number}", email = $"limit{number}@example.com" };

    private static Task<HttpResponseMessage> ImportAsync(HttpClient client, string? key = null) =>
        RepeatedImportTests.UploadAsync(client, "name,email\nAda,ada@example.com\n"u8.ToArray(), "one.csv", key);

    private Task<long> ContactsAsync() => _api.CountAsync($"SELECT count(*) FROM contacts WHERE tenant_id = '{DemoAccounts.Acme}'");

    private Task<long> MessagesAsync() => _api.CountAsync($"SELECT count(*) FROM messages WHERE tenant_id = '{DemoAccounts.Acme}'");
}
