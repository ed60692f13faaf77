using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Text.Json;
using Platform.Data.Seed;

namespace Platform.Api.Tests.Http;

/// <summary>
/// Attacks every operation of the OpenAPI document as one tenant with ids of the other, in paths, bodies and queries;
/// <see cref="ForeignMarksTests"/> with what the other was given beside them.
/// </summary>
[Collection(ApiTests.Name)]
[Trait("Req", "B1")]
[Trait("Req", "B2")]
public sealed class ForeignRowsTests(ApiFixture api)
{
    private static readonly string[] Queries = ["", "?limit=50", "?limit=50&page=2", "?limit=50&search=a"];

    [Fact]
    public async Task Answers_hold_no_id_of_another_tenant()
    {
        foreach (var (caller, own, other) in await SidesAsync())
        {
            var foreign = await TenantRows.IdsAsync(api, other);
            foreign.ExceptWith(await TenantRows.IdsAsync(api, own));
            var samples = await TenantRows.SamplesAsync(api, own);
            var answered = 0;
            foreach (var operation in (await ApiOperation.AllAsync(api)).Where(operation => operation.Method == HttpMethod.Get))
            {
                var urls = operation.HasId
                    ? samples.Select(id => operation.Url(id.ToString()))
                    : Queries.Select(query => operation.Url("") + query);
                foreach (var url in urls)
                {
                    using var response = await caller.GetAsync(new Uri(url, UriKind.Relative));
                    var text = await response.Content.ReadAsStringAsync();
                    Assert.True((int)response.StatusCode < 500, $"{url}: {text}");
                    Assert.DoesNotContain(TenantRows.In(text), foreign.Contains);
                    answered += response.IsSuccessStatusCode ? 1 : 0;
                }
            }
            Assert.True(answered > 10, $"Only {answered} answers were looked at.");
        }
    }

    [Fact]
    public async Task Ids_of_another_tenant_are_unknown_in_every_path()
    {
        foreach (var (caller, own, other) in await SidesAsync())
        {
            var before = await TenantRows.SnapshotAsync(api, other);
            var foreign = await TenantRows.SamplesAsync(api, other);
            foreach (var operation in (await ApiOperation.AllAsync(api)).Where(operation => operation.HasId))
            {
                foreach (var id in foreign)
                {
                    using var response = await SendAsync(caller, operation, operation.Url(id.ToString()), id);
                    Assert.False(response.IsSuccessStatusCode, $"{operation.Name} answered {(int)response.StatusCode} to {id} of another tenant.");
                    Assert.True((int)response.StatusCode < 500, operation.Name);
                }
            }
            Assert.Equal(before, await TenantRows.SnapshotAsync(api, other));
        }
    }

    [Fact]
    public async Task Ids_of_another_tenant_in_bodies_and_queries_change_and_show_nothing()
    {
        foreach (var (caller, own, other) in await SidesAsync())
        {
            var before = await TenantRows.SnapshotAsync(api, other);
            var foreign = await TenantRows.SamplesAsync(api, other);
            foreach (var operation in (await ApiOperation.AllAsync(api)).Where(operation => !operation.HasId))
            {
                if (operation.Name.Contains("/auth/", StringComparison.Ordinal))
                    continue; // They end sessions, which other tests use.
                foreach (var id in foreign)
                {
                    var query = string.Join('&', operation.Query.Where(name => name.EndsWith("Id", StringComparison.Ordinal)).Select(name => $"{name}={id}"));
                    using var response = await SendAsync(caller, operation, $"{operation.Url("")}?{query}", id);
                    var text = await response.Content.ReadAsStringAsync();
                    Assert.True((int)response.StatusCode < 500, $"{operation.Name}: {text}");
                    if (query.Length > 0 && response.IsSuccessStatusCode)
                        Assert.DoesNotContain(id, TenantRows.In(text));
                }
            }
            Assert.Equal(before, await TenantRows.SnapshotAsync(api, other));
        }
    }

    private async Task<(HttpClient Caller, Guid Own, Guid Other)[]> SidesAsync() =>
        [(await api.Acme, DemoAccounts.Acme, DemoAccounts.Globex), (await api.Globex, DemoAccounts.Globex, DemoAccounts.Acme)];

    private static async Task<HttpResponseMessage> SendAsync(HttpClient caller, ApiOperation operation, string url, Guid id)
    {
        using var request = new HttpRequestMessage(operation.Method, url);
        if (operation.HasBody)
            request.Content = JsonContent.Create(operation.Body(id));
        // A version that fits, where one is asked for.
        request.Headers.IfMatch.Add(EntityTagHeaderValue.Any);
        return await caller.SendAsync(request);
    }
}
