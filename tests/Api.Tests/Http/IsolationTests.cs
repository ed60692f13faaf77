using System.Net;
using System.Net.Http.Json;
using System.Text.Json;
using Microsoft.AspNetCore.Authorization;
using Platform.Api.Tests.Auth;
using Platform.Api.Tests.Contacts;
using Platform.Data.Seed;
using Platform.Tenancy;

namespace Platform.Api.Tests.Http;

/// <summary>Walks every route that the running API has, so that a new one can't be forgotten.</summary>
[Collection(ApiTests.Name)]
[Trait("Req", "B1")]
public sealed class IsolationTests(ApiFixture api)
{
    private static readonly string[] OpenToEverybody =
    [
        "GET /.well-known/jwks.json", "GET /.well-known/openid-configuration", "GET /alive", "GET /health", "GET /api/health",
        "GET /api/webhooks/{provider}/{slug}", "POST /api/webhooks/{provider}/{slug}",
        "GET /api/campaigns/unsubscribe", "POST /api/campaigns/unsubscribe", "GET /api/reports/download", "GET /openapi/{documentName}.json", "POST /api/auth/invitation",
        "POST /api/auth/login", "POST /api/auth/logout", "POST /api/auth/refresh",
    ];

    private static readonly string[] OfTheCallerAlone = ["GET /api/auth/me", "POST /api/auth/password"];

    [Fact]
    public async Task Every_route_but_the_open_ones_refuses_a_caller_without_token()
    {
        var open = new List<string>();
        foreach (var (method, pattern, name) in Routes.All(api))
        {
            using var request = new HttpRequestMessage(method, Routes.Fill(pattern, Guid.NewGuid()));
            using var response = await api.Anonymous.SendAsync(request);
            if (response.StatusCode != HttpStatusCode.Unauthorized)
                open.Add(name);
        }

        Assert.Equal(OpenToEverybody.Order(), open.Order());
    }

    [Fact]
    public void Every_other_route_names_a_permission_or_is_the_callers_own()
    {
        var without = Routes.Endpoints(api)
            .Where(route => route.Metadata.GetMetadata<IAllowAnonymous>() is null)
            .Where(route => route.Metadata.GetOrderedMetadata<AuthorizationPolicy>().Count == 0)
            .SelectMany(route => Routes.Methods(route).Select(method => $"{method} {Routes.Pattern(route)}"))
            .ToList();

        Assert.Equal(OfTheCallerAlone, without);
    }

    [Fact]
    public async Task Another_tenants_ids_are_unknown_on_every_route()
    {
        var owned = await OwnAsync();
        var before = await SnapshotAsync();
        using var globex = await api.SignInAsync(await api.AddUserAsync(DemoAccounts.Globex, TestUsers.AllPermissions));
        var walked = 0;
        foreach (var (method, pattern, name) in Routes.All(api).Where(route => route.Pattern.Contains("{id", StringComparison.Ordinal)))
        {
            foreach (var id in owned)
            {
                using var request = new HttpRequestMessage(method, Routes.Fill(pattern, id));
                if (method == HttpMethod.Put || method == HttpMethod.Post || method == HttpMethod.Patch)
                    request.Content = JsonContent.Create(ValidEverywhere());
                using var response = await globex.SendAsync(request);
                // Operators' calls are closed to tenants altogether.
                var expected = pattern.StartsWith("/api/operator/", StringComparison.Ordinal)
                    ? HttpStatusCode.Forbidden
                    : HttpStatusCode.NotFound;
                Assert.True(response.StatusCode == expected, $"{name} answered {(int)response.StatusCode}");
                Assert.DoesNotContain("acme", await response.Content.ReadAsStringAsync(), StringComparison.OrdinalIgnoreCase);
                walked++;
            }
        }

        Assert.True(walked >= 7 * owned.Length, $"only {walked} calls");
        Assert.Equal(before, await SnapshotAsync());
    }

    [Fact]
    public async Task Lists_hold_nothing_of_another_tenant()
    {
        var owned = await OwnAsync();
        var globex = await api.Globex;
        string[] lists = ["contacts", "imports", "events", "professionals", "campaigns", "reports", "conversations", "notifications"];
        foreach (var table in lists)
        {
            var url = $"/api/{table}?limit=50";
            string? cursor = null;
            do
            {
                var page = await (await globex.GetAsync(cursor is null ? url : $"{url}&cursor={cursor}")).JsonAsync();
                foreach (var row in page.GetProperty("data").EnumerateArray())
                {
                    Assert.DoesNotContain(row.GetProperty("id").GetGuid(), owned);
                    var owner = await api.ScalarAsync<Guid>(
                        $"SELECT tenant_id FROM {table} WHERE id = $1", row.GetProperty("id").GetGuid());
                    Assert.Equal(DemoAccounts.Globex, owner);
                }
                cursor = page.GetProperty("pagination").GetProperty("nextCursor").GetString();
            }
            while (cursor is not null);
        }
    }

    [Fact]
    [Trait("Req", "B7")]
    public async Task Caller_without_the_permission_is_403()
    {
        using var reader = await api.SignInAsync(await api.AddUserAsync(DemoAccounts.Acme, Permissions.ContactsRead));

        await (await reader.GetAsync("/api/contacts?limit=1")).JsonAsync();
        await (await reader.PostAsync("/api/contacts", new { name = "x", email = "x@y.example" })).ProblemAsync(403);
        await (await reader.PostAsync("/api/imports", null)).ProblemAsync(403);
        await (await reader.GetAsync($"/api/jobs/{Guid.NewGuid()}/status")).ProblemAsync(403);
    }

    /// <summary>A body that every route takes, so that nothing but the id is wrong.</summary>
    private static object ValidEverywhere()
    {
        var start = Bookings.NextSlot();
        return new
        {
            name = "Taken over", email = ContactTests.NewEmail(), title = "Taken over", professionalId = Guid.CreateVersion7(),
            startsAt = start, endsAt = start.AddHours(1), channel = "email", subject = "x", body = "x", audience = new { all = true },
            url = "https://taken.example/over", eventTypes = new[] { "*" }, permissions = Array.Empty<string>(),
            cron = "0 3 * * *", type = "reports.request", payload = new { kind = "contacts" },
        };
    }

    /// <summary>Ids of Acme: one of everything that has any.</summary>
    private async Task<Guid[]> OwnAsync()
    {
        var acme = await api.Acme;
        var contact = await acme.CreateAsync("/api/contacts", new { name = "Acme's own", email = ContactTests.NewEmail() });
        using var form = new MultipartFormDataContent { { new ByteArrayContent("name,email\n"u8.ToArray()), "file", "acme.csv" } };
        var import = await (await acme.PostAsync("/api/imports", form)).JsonAsync(HttpStatusCode.Accepted);
        var professional = await Bookings.ProfessionalAsync(api);
        var booked = await acme.CreateAsync("/api/events", Bookings.Body(professional));
        var campaign = await acme.CreateAsync(
            "/api/campaigns", new { name = "Acme's own", channel = "sms", body = "x", audience = new { all = true } });
        var report = await acme.CreateAsync("/api/reports", new { kind = "contacts" });
        var conversation = await acme.CreateAsync("/api/conversations", new { contactId = contact.GetProperty("id").GetGuid(), channel = "web" });
        var message = await acme.CreateAsync($"/api/conversations/{conversation.Text("id")}/messages", new { body = "Acme's own" });
        var source = await acme.CreateAsync("/api/admin/webhook-sources", new { provider = "generic", name = "Own" });
        var endpoint = await acme.CreateAsync("/api/admin/webhook-endpoints", new { url = "https://own.example/hook", eventTypes = new[] { "*" } });
        return
        [
            contact.GetProperty("id").GetGuid(), import.GetProperty("importId").GetGuid(), import.GetProperty("jobId").GetGuid(),
            booked.GetProperty("id").GetGuid(), professional, campaign.GetProperty("id").GetGuid(), report.GetProperty("id").GetGuid(),
            conversation.GetProperty("id").GetGuid(), message.GetProperty("id").GetGuid(),
            source.GetProperty("id").GetGuid(), endpoint.GetProperty("id").GetGuid(),
        ];
    }

    private Task<string> SnapshotAsync() => api.ScalarAsync<string>(
        """
        SELECT md5(COALESCE(string_agg(c::text, '' ORDER BY c.id), '')) || (SELECT count(*) FROM imports WHERE tenant_id = $1)
            || (SELECT md5(string_agg(e::text, '' ORDER BY e.id)) FROM events e WHERE tenant_id = $1)
            || (SELECT md5(string_agg(p::text, '' ORDER BY p.id)) FROM professionals p WHERE tenant_id = $1)
            || (SELECT md5(string_agg(k::text, '' ORDER BY k.id)) FROM campaigns k WHERE tenant_id = $1)
            || (SELECT count(*) FROM reports WHERE tenant_id = $1)
        FROM contacts c WHERE tenant_id = $1
        """,
        DemoAccounts.Acme);
}
