using System.Net;
using System.Net.Http.Json;
using Microsoft.Extensions.DependencyInjection;
using Platform.Data.Campaigns;
using Platform.Data.Security;
using Platform.Data.Seed;
using Platform.Tenancy;

namespace Platform.Api.Tests.Campaigns;

[Collection(ApiTests.Name)]
[Trait("Req", "F9")]
public sealed class OptOutTests(ApiFixture api) : IAsyncLifetime
{
    private const string Url = "/api/campaigns/opt-outs";

    public Task InitializeAsync() => Task.CompletedTask;

    /// <summary>Other tests count whom campaigns reach.</summary>
    public Task DisposeAsync() => api.ScalarAsync<int>("WITH gone AS (DELETE FROM campaign_opt_outs) SELECT 1");

    [Fact]
    public async Task Link_only_asks_and_its_post_opts_out_once()
    {
        var (id, email) = await ContactAsync();
        var link = Link(id, email.ToUpperInvariant());

        using var asked = await api.Anonymous.GetAsync(link);
        var page = await asked.Content.ReadAsStringAsync();
        Assert.Equal(1, await ReachedAsync(id));
        using var first = await OneClickAsync(link);
        using var second = await OneClickAsync(link);

        Assert.Equal("text/html", asked.Content.Headers.ContentType?.MediaType);
        Assert.Contains("<form method=\"post\">", page, StringComparison.Ordinal);
        Assert.DoesNotContain(email, page, StringComparison.OrdinalIgnoreCase);
        Assert.Equal(("no-store", "no-referrer"), (asked.Headers.CacheControl?.ToString(), asked.Headers.GetValues("Referrer-Policy").Single()));
        Assert.Contains("default-src 'none'", asked.Headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
        Assert.Equal((HttpStatusCode.OK, HttpStatusCode.OK), (first.StatusCode, second.StatusCode));
        Assert.Equal(await first.Content.ReadAsStringAsync(), await second.Content.ReadAsStringAsync());
        Assert.Equal(1L, await api.ScalarAsync<long>("SELECT count(*) FROM campaign_opt_outs WHERE address_key = $1", email));
        Assert.Equal(0, await ReachedAsync(id));
    }

    [Fact]
    public async Task Who_opted_out_stays_out_as_another_contact_and_until_somebody_forgets_it()
    {
        var client = await api.Acme;
        var (id, email) = await ContactAsync();
        await client.DeleteAsync(new Uri($"/api/contacts/{id}", UriKind.Relative));
        using var done = await OneClickAsync(Link(id, email));
        var (again, _) = await ContactAsync(email);

        Assert.Equal(0, await ReachedAsync(again));
        Assert.Equal(0, await ReachedAsync(search: email));
        var row = (await (await client.GetAsync($"{Url}?limit=50")).JsonAsync()).GetProperty("data").EnumerateArray()
            .Single(row => row.Text("address") == email);
        await (await (await api.Globex).DeleteAsync($"{Url}/{row.Text("id")}")).ProblemAsync(404);
        await (await (await api.AcmeAgent).DeleteAsync($"{Url}/{row.Text("id")}")).ProblemAsync(403);
        Assert.Equal(HttpStatusCode.NoContent, (await client.DeleteAsync($"{Url}/{row.Text("id")}")).StatusCode);
        Assert.Equal((1, 1), (await ReachedAsync(again), await ReachedAsync(search: email)));
    }

    [Fact]
    public async Task Answer_is_the_same_for_an_address_nobody_has_and_for_a_tenant_that_is_gone()
    {
        var (id, email) = await ContactAsync();
        using var known = await OneClickAsync(Link(id, email));
        using var unknown = await OneClickAsync(Link(Guid.NewGuid(), $"{Guid.NewGuid():N}@example.com"));
        using var gone = await OneClickAsync(Link(id, email, Guid.NewGuid()));

        var texts = new HashSet<string>();
        foreach (var response in new[] { known, unknown, gone })
        {
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            texts.Add(await response.Content.ReadAsStringAsync());
        }
        Assert.Single(texts);
    }

    [Theory]
    [InlineData("")]
    [InlineData("?token=")]
    [InlineData("?token=v1.a.b")]
    [InlineData("?token=%00")]
    [Trait("Req", "B1")]
    public async Task Link_that_was_not_given_out_is_refused(string query)
    {
        await (await api.Anonymous.GetAsync($"{OptOutLink.Path}{query}")).ProblemAsync(404);
        await (await api.Anonymous.PostAsync($"{OptOutLink.Path}{query}", null)).ProblemAsync(404);
    }

    [Fact]
    [Trait("Req", "B1")]
    public async Task Link_of_another_kind_or_changed_is_refused()
    {
        var protector = api.Services.GetRequiredService<SecretProtector>();
        var (id, email) = await ContactAsync();
        var link = Link(id, email);
        var end = link[^2] == 'A' ? 'B' : 'A';

        await (await api.Anonymous.PostAsync($"{link[..^2]}{end}{link[^1]}", null)).ProblemAsync(404);
        await (await api.Anonymous.PostAsync($"{OptOutLink.Path}?token={protector.Protect(new byte[60], "report-link")}", null)).ProblemAsync(404);
        Assert.Equal(1, await ReachedAsync(id));
    }

    private string Link(Guid contact, string address, Guid? tenant = null) =>
        new OptOutLink(new TenantId(tenant ?? DemoAccounts.Acme), Guid.NewGuid(), contact, address)
            .ToPath(api.Services.GetRequiredService<SecretProtector>());

    /// <summary>As RFC 8058 says, without cookies or anything else of the recipient.</summary>
    private async Task<HttpResponseMessage> OneClickAsync(string link)
    {
        using var content = new MultipartFormDataContent { { new StringContent("One-Click"), "List-Unsubscribe" } };
        return await api.Anonymous.PostAsync(link, content);
    }

    private async Task<(Guid Id, string Email)> ContactAsync(string? email = null)
    {
        email ??= $"{Guid.NewGuid():N}@example.com";
        var created = await (await api.Acme).CreateAsync("/api/contacts", new { name = "Reader", email });
        return (created.GetProperty("id").GetGuid(), email);
    }

    private async Task<int> ReachedAsync(Guid? contact = null, string? search = null)
    {
        object audience = contact is { } id ? new { contactIds = new[] { id } } : new { search };
        using var response = await (await api.Acme).PostAsJsonAsync("/api/campaigns/audience", new { channel = "email", audience });
        return (await response.JsonAsync()).GetProperty("contacts").GetInt32();
    }
}
