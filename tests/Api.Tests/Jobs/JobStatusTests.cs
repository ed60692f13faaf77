using System.Diagnostics;
using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Platform.Api.Tests.RateLimits;
using Platform.Testing;

namespace Platform.Api.Tests.Jobs;

[Collection(ApiTests.Name)]
[Trait("Req", "F7")]
public sealed class JobStatusTests(ApiFixture api)
{
    [Fact]
    public async Task Status_has_the_contracts_shape()
    {
        var status = await (await (await api.Acme).GetAsync(await EnqueueAsync())).JsonAsync();

        Assert.Equal(
            [
                "id", "type", "queue", "state", "progress", "attempts", "maxAttempts", "createdAt", "startedAt", "finishedAt", "result",
                "error",
            ],
            status.EnumerateObject().Select(property => property.Name));
        Assert.Equal(["done", "total", "percent"], status.GetProperty("progress").EnumerateObject().Select(property => property.Name));
    }

    [Fact]
    public async Task Status_that_is_known_is_304()
    {
        var client = await api.Acme;
        var url = await EnqueueAsync();
        using var first = await client.GetAsync(url);

        using var second = await GetAsync(client, url, first.Headers.ETag!.Tag);

        Assert.Equal(HttpStatusCode.NotModified, second.StatusCode);
    }

    [Fact]
    public async Task Status_with_wait_answers_304_after_the_time_when_nothing_changes()
    {
        var client = await api.Acme;
        var url = await EnqueueAsync();
        using var first = await client.GetAsync(url);
        var started = Stopwatch.GetTimestamp();

        using var second = await GetAsync(client, $"{url}?wait=1", first.Headers.ETag!.Tag);

        Assert.Equal(HttpStatusCode.NotModified, second.StatusCode);
        Assert.InRange(Stopwatch.GetElapsedTime(started).TotalSeconds, 0.9, 6);
    }

    [Fact]
    public async Task Status_with_wait_answers_as_soon_as_the_job_changes()
    {
        var client = await api.Acme;
        var url = await EnqueueAsync();
        using var first = await client.GetAsync(url);
        var waiting = GetAsync(client, $"{url}?wait=20", first.Headers.ETag!.Tag);

        await api.ScalarAsync<Guid>(
            "UPDATE jobs.pending SET attempt = 1, worker = 1, started_at = now() WHERE id = $1 RETURNING id",
            Guid.Parse(url.Split('/')[3]));
        using var second = await waiting.WaitAsync(TimeSpan.FromSeconds(15));

        Assert.Equal("running", (await second.JsonAsync()).Text("state"));
        Assert.NotEqual(first.Headers.ETag, second.Headers.ETag);
    }

    [Fact]
    [Trait("Req", "J1")]
    public async Task Status_with_wait_answers_at_once_when_the_service_stops()
    {
        await using var replica = api.StartReplica(RateLimitSettings.Ample);
        using var client = new HttpClient { BaseAddress = replica.ClientOptions.BaseAddress };
        client.DefaultRequestHeaders.Authorization = (await api.Acme).DefaultRequestHeaders.Authorization;
        var url = await EnqueueAsync();
        var before = await api.ScalarAsync<DateTime>("SELECT clock_timestamp()");
        var waiting = client.GetAsync($"{url}?wait=30");
        await Eventually.TrueAsync(
            async () => await api.ScalarAsync<long>(
                "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%LEFT JOIN jobs.progress%' AND pid <> pg_backend_pid() AND query_start > $1", before) > 0,
            null, "Nobody waited.");

        replica.Services.GetRequiredService<IHostApplicationLifetime>().StopApplication();
        using var response = await waiting.WaitAsync(TimeSpan.FromSeconds(10));

        Assert.Equal("available", (await response.JsonAsync()).Text("state"));
    }

    [Theory]
    [InlineData("-1")]
    [InlineData("31")]
    [InlineData("soon")]
    public async Task Status_with_a_bad_wait_is_400(string wait) =>
        await (await (await api.Acme).GetAsync($"{await EnqueueAsync()}?wait={wait}")).ProblemAsync(400);

    private static Task<HttpResponseMessage> GetAsync(HttpClient client, string url, string etag)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, url);
        request.Headers.IfNoneMatch.Add(new EntityTagHeaderValue(etag));
        return client.SendAsync(request);
    }

    private async Task<string> EnqueueAsync()
    {
        using var form = new MultipartFormDataContent { { new ByteArrayContent("name,email\n"u8.ToArray()), "file", "x.csv" } };
        using var response = await (await api.Acme).PostAsync("/api/imports", form);
        return response.Headers.Location!.ToString();
    }
}
