using System.Net;
using System.Net.Http.Headers;
using System.Reflection;
using Platform.Api.Http;

namespace Platform.Api.Tests.Http;

/// <summary>
/// Attacks every operation of the OpenAPI document as one tenant with what the API gave the other beside its rows: cursors, entity
/// tags and answers under idempotency keys.
/// </summary>
[Collection(ApiTests.Name)]
[Trait("Req", "B3")]
[Trait("Req", "B4")]
public sealed class ForeignMarksTests(ApiFixture api)
{
    /// <summary>Of operators alone, who have no tenant; and what is named by the hash of its content, which is its tag.</summary>
    private static readonly string[] Exceptions = ["GET /api/operator/tenants", "GET /api/images/{hash}"];

    private static Task<(FilledTenant Own, FilledTenant Other)>? _sides;

    [Fact]
    public async Task Cursors_of_another_tenant_are_refused()
    {
        var (own, other) = await SidesAsync();
        var untried = new List<string>();
        foreach (var operation in await OperationsAsync(operation => operation.Query.Contains("cursor")))
        {
            var cursors = new HashSet<string>();
            foreach (var url in operation.Urls(await other.SamplesAsync()))
            {
                using var page = await other.Client.GetAsync($"{url}?limit=1");
                if (page.IsSuccessStatusCode
                    && (await page.JsonAsync()).GetProperty("pagination").GetProperty("nextCursor").GetString() is { } cursor)
                    cursors.Add(cursor);
            }
            var tried = 0;
            foreach (var url in operation.Urls(await own.SamplesAsync()))
            {
                using var first = await own.Client.GetAsync($"{url}?limit=1");
                foreach (var cursor in first.IsSuccessStatusCode ? cursors : [])
                {
                    using var response = await own.Client.GetAsync($"{url}?limit=1&cursor={cursor}");
                    Assert.True(response.StatusCode == HttpStatusCode.BadRequest, $"{operation.Name} took another tenant's cursor.");
                    tried++;
                }
            }
            if (tried == 0)
                untried.Add(operation.Name);
        }
        // A new list needs two rows in FilledTenant.
        Assert.Equal([], untried);
    }

    [Fact]
    public async Task Entity_tags_of_another_tenant_stand_for_nothing_but_the_same_content()
    {
        var (own, other) = await SidesAsync();
        // Somebody of both has one address in both.
        await api.ScalarAsync<int>(
            """
            WITH m AS (INSERT INTO memberships (tenant_id, user_id) VALUES ($1, $3)),
            a AS (INSERT INTO agents (tenant_id, user_id, capacity) VALUES ($1, $3, 1))
            INSERT INTO agents (tenant_id, user_id, capacity) VALUES ($2, $3, 2)
            ON CONFLICT (tenant_id, user_id) DO UPDATE SET capacity = 2, version = 1 RETURNING 1
            """,
            own.Id, other.Id, other.User);
        var untried = new List<string>();
        foreach (var operation in await OperationsAsync(operation => operation.Method == HttpMethod.Get))
        {
            var theirs = await TaggedAsync(other, operation, [.. await other.SamplesAsync()]);
            var ours = await TaggedAsync(own, operation, [.. await own.SamplesAsync(), other.User]);
            foreach (var (url, answer) in ours)
            {
                foreach (var (theirUrl, their) in theirs)
                {
                    using var request = new HttpRequestMessage(HttpMethod.Get, url) { Headers = { IfNoneMatch = { their.Tag } } };
                    using var response = await own.Client.SendAsync(request);
                    // Another address may have a tag of the same name: nobody keeps its content under this one.
                    Assert.True(
                        response.StatusCode != HttpStatusCode.NotModified
                            || (their.Tag.Tag == answer.Tag.Tag && (url != theirUrl || their.Body == answer.Body)),
                        $"{operation.Name} takes {their.Tag} of another tenant for its own {answer.Tag}, which is of other content.");
                }
            }
            if (operation.Statuses.Contains("304") && (ours.Count == 0 || theirs.Count == 0))
                untried.Add(operation.Name);
        }
        Assert.Equal([], untried);
    }

    [Fact]
    public async Task Entity_tags_of_another_tenant_allow_no_change_and_betray_no_row()
    {
        var (own, other) = await SidesAsync();
        const string Theirs = "\"77\"";
        var contact = await api.ScalarAsync<Guid>("UPDATE contacts SET version = 77 WHERE tenant_id = $1 RETURNING id", other.Id);
        using (var read = await other.Client.GetAsync($"/api/contacts/{contact}"))
            Assert.Equal(Theirs, read.Headers.ETag!.Tag);
        var untried = new List<string>();
        foreach (var operation in await OperationsAsync(operation => operation.Statuses.Contains("412")))
        {
            var refused = 0;
            foreach (var url in operation.Urls(await own.SamplesAsync()))
            {
                using var response = await own.SendAsync(operation, url, Theirs);
                Assert.False(response.IsSuccessStatusCode, $"{operation.Name} changed a row by another tenant's version.");
                refused += response.StatusCode == HttpStatusCode.PreconditionFailed ? 1 : 0;
            }
            if (refused == 0)
                untried.Add(operation.Name);
            foreach (var url in operation.HasId ? operation.Urls(await other.SamplesAsync()) : [])
            {
                using var known = await own.SendAsync(operation, url, Theirs);
                using var stale = await own.SendAsync(operation, url, "\"1\"");
                Assert.Equal((operation.Name, 404, 404), (operation.Name, (int)known.StatusCode, (int)stale.StatusCode));
            }
        }
        Assert.Equal([], untried);
    }

    [Fact]
    [Trait("Req", "D5")]
    public async Task Idempotency_keys_of_another_tenant_give_nothing_of_its_answers()
    {
        var (own, other) = await SidesAsync();
        var untried = new List<string>();
        foreach (var operation in await OperationsAsync(operation => IsDocumented(operation.Description)))
        {
            var key = Guid.CreateVersion7().ToString();
            using var theirs = await other.SendAsync(operation, key);
            using var ours = await own.SendAsync(operation, key);
            if (theirs is null || ours is null)
            {
                untried.Add(operation.Name);
                continue;
            }
            // It counts: another request with it isn't carried out.
            using var again = await other.SendAsync(operation, theirs.RequestMessage!.RequestUri!.AbsolutePath, idempotencyKey: key);
            Assert.True(
                again.Headers.Contains("Idempotency-Replayed") || again.StatusCode == HttpStatusCode.UnprocessableEntity,
                $"{operation.Name} does twice what has one key.");
            Assert.False(ours.Headers.Contains("Idempotency-Replayed"), operation.Name);
            var foreign = await TenantRows.IdsAsync(api, other.Id);
            Assert.DoesNotContain(TenantRows.In($"{ours.Headers.Location} {await ours.Content.ReadAsStringAsync()}"), foreign.Contains);
        }
        Assert.Equal([], untried);
    }

    [Fact]
    [Trait("Req", "D5")]
    public void Every_route_that_honours_idempotency_keys_says_so()
    {
        var silent = Routes.Endpoints(api)
            .Where(route => route.Metadata.GetMetadata<MethodInfo>()?.GetParameters().Any(one => one.ParameterType == typeof(Idempotency)) is true)
            .Where(route => !IsDocumented(route.Metadata.GetMetadata<Microsoft.AspNetCore.Http.Metadata.IEndpointDescriptionMetadata>()?.Description ?? ""))
            .Select(Routes.Pattern);

        Assert.Equal([], silent);
    }

    private static bool IsDocumented(string description) => description.Contains("With an `Idempotency-Key`", StringComparison.Ordinal);

    /// <summary>Made once: no test changes what another looks at.</summary>
    private Task<(FilledTenant Own, FilledTenant Other)> SidesAsync()
    {
        return _sides ??= CreateAsync();

        async Task<(FilledTenant Own, FilledTenant Other)> CreateAsync()
        {
            var (own, other) = (await FilledTenant.CreateAsync(api), await FilledTenant.CreateAsync(api));
            await Task.WhenAll(own.FillAsync(), other.FillAsync());
            return (own, other);
        }
    }

    private async Task<IReadOnlyList<ApiOperation>> OperationsAsync(Func<ApiOperation, bool> isMeant) =>
        [.. (await ApiOperation.AllAsync(api)).Where(operation => isMeant(operation) && !Exceptions.Contains(operation.Name))];

    /// <summary>The answers that have a tag, by address.</summary>
    private static async Task<Dictionary<string, (EntityTagHeaderValue Tag, string Body)>> TaggedAsync(
        FilledTenant tenant, ApiOperation operation, IReadOnlyCollection<Guid> samples)
    {
        var answers = new Dictionary<string, (EntityTagHeaderValue Tag, string Body)>();
        foreach (var url in operation.Urls(samples))
        {
            using var response = await tenant.Client.GetAsync(url);
            if (response.IsSuccessStatusCode && response.Headers.ETag is { } tag)
                answers[url] = (tag, await response.Content.ReadAsStringAsync());
        }
        return answers;
    }
}
