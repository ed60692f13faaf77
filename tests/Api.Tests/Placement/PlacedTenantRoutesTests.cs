using System.Net;
using System.Net.Http.Headers;
using Microsoft.Extensions.DependencyInjection;
using Platform.Api.Tests.Http;
using Platform.Data.Images;

namespace Platform.Api.Tests.Placement;

/// <summary>
/// Globex is placed in a database of its own, made as the migrations make it. The common database still has rows of it that
/// nobody may see, and Postgres' own statistics say which of its tables anybody has looked at.
/// </summary>
[Collection(ApiTests.Name)]
[Trait("Req", "B5")]
public sealed class PlacedTenantRoutesTests(ApiFixture api) : IAsyncLifetime
{
    /// <summary>Routes of nobody's tenant, or that come before one is known.</summary>
    private static readonly string[] Outside = ["/api/auth/", "/api/operator/", "/api/webhooks/", "/api/health"];

    /// <summary>
    /// Those for operators, though the path is the tenants'; and one whose deletion in the directory cascades to what was left behind,
    /// see <see cref="PlacedDirectoryTests"/>.
    /// </summary>
    private static readonly string[] Exceptions =
    [
        "GET /api/admin/jobs/workers", "PUT /api/admin/jobs/queues/{queue}/limit",
        "DELETE /api/admin/jobs/queues/{queue}/limit", "DELETE /api/admin/members/{id}",
        "GET /api/admin/slow-queries",
    ];

    private PlacedTenant _placed = null!;

    public async Task InitializeAsync() => _placed = await PlacedTenant.StartAsync();

    public async Task DisposeAsync() => await _placed.DisposeAsync();

    [Fact]
    public async Task No_route_shows_rows_of_the_common_database()
    {
        var foreign = await _placed.LeftBehindAsync();
        Assert.NotEmpty(foreign);
        foreach (var operation in (await OperationsAsync()).Where(operation => operation.Method == HttpMethod.Get))
        {
            foreach (var url in operation.HasId ? foreign.Select(id => operation.Url(id.ToString())) : [operation.Url("")])
            {
                using var response = await _placed.Client.GetAsync(new Uri(url, UriKind.Relative));
                var text = await response.Content.ReadAsStringAsync();
                Assert.True((int)response.StatusCode < 500, $"{url}: {text}");
                Assert.False(operation.HasId && response.IsSuccessStatusCode, $"{url} found what isn't in the tenant's database.");
                Assert.DoesNotContain(TenantRows.In(text), foreign.Contains);
            }
        }
    }

    [Fact]
    public async Task Every_route_reads_and_writes_in_the_tenants_own_database_alone()
    {
        var before = await _placed.TouchedAsync();
        var unreached = new Dictionary<string, string>();
        var samples = await _placed.SamplesAsync();
        await _placed.Replica.Services.GetRequiredService<ImageWorkers>().AnnounceAsync();
        // Twice, so that what the first round makes is there for the second; deleting comes last.
        foreach (var operation in (await OperationsAsync()).Concat(await OperationsAsync()).OrderBy(operation => operation.Method == HttpMethod.Delete))
        {
            if (operation.Method == HttpMethod.Post)
                samples = await _placed.SamplesAsync();
            var (reached, answer) = (false, "");
            foreach (var id in operation.HasId ? samples : [samples[^1]])
            {
                using var request = new HttpRequestMessage(operation.Method, operation.Url(id.ToString()));
                request.Content = await ApiBodies.ContentAsync(operation, id, _placed.AnyAsync);
                request.Headers.IfMatch.Add(EntityTagHeaderValue.Any);
                using var response = await _placed.Client.SendAsync(request);
                var text = await response.Content.ReadAsStringAsync();
                Assert.True((int)response.StatusCode < 500, $"{operation.Name}: {text}");
                reached |= response.StatusCode is not (HttpStatusCode.BadRequest or HttpStatusCode.UnsupportedMediaType
                    or HttpStatusCode.UnprocessableEntity or HttpStatusCode.Forbidden or HttpStatusCode.Unauthorized or HttpStatusCode.PaymentRequired);
                answer = $"{operation.Name} {(int)response.StatusCode} {text}";
            }
            if (reached)
                unreached[operation.Name] = "";
            else
                unreached.TryAdd(operation.Name, answer);
        }

        Assert.Equal("", string.Join('\n', unreached.Values.Where(answer => answer.Length > 0)));
        Assert.Equal("", string.Join('\n', (await _placed.TouchedAsync()).Except(before)));
    }

    private async Task<IEnumerable<ApiOperation>> OperationsAsync() => (await ApiOperation.AllAsync(api)).Where(operation =>
        !Outside.Any(part => operation.Name.Contains(part, StringComparison.Ordinal)) && !Exceptions.Contains(operation.Name));
}
