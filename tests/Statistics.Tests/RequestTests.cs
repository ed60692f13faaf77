using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Platform.Testing;

namespace Platform.Statistics.Tests;

public sealed class RequestTests
{
    [Fact, Trait("Req", "I4")]
    public async Task Requests_count_by_template_and_errors_as_such()
    {
        await using var service = await Recorder.StartAsync(Now(), map: app =>
        {
            app.MapGet("/api/things/{id:int}", (int id) => id);
            app.MapPost("/api/things", () => Results.StatusCode(503));
            app.MapGet("/api/fault", string () => throw new InvalidOperationException());
        });
        for (var id = 0; id < 5; id++)
            await service.Client.GetAsync($"/api/things/{id}?secret=1");
        await service.Client.PostAsync("/api/things", null);
        await service.Client.GetAsync("/api/fault");
        await service.Client.GetAsync("/nowhere");
        await service.Client.DeleteAsync("/api/things");

        var report = await AllAsync(service, 9);

        Assert.Equal(
            ["* (none) 2 0", "GET /api/fault 1 1", "GET /api/things/{id:int} 5 0", "POST /api/things 1 1"],
            report.Routes.Select(route => $"{route.Method} {route.Route} {route.Latency.Requests} {route.Errors}").Order(StringComparer.Ordinal));
        Assert.Equal(2, report.Errors);
    }

    [Fact, Trait("Req", "I4")]
    public async Task Answers_from_the_cache_and_late_ones_count_by_route()
    {
        await using var service = await Recorder.StartAsync(
            Now(),
            map: app =>
            {
                app.MapGet("/api/things", (HttpContext context, bool hit) => { context.Response.Headers["X-Cache-Hit"] = hit ? "true" : "false"; });
                app.MapGet("/api/uncached", async () =>
                {
                    var clock = Stopwatch.StartNew();
                    while (clock.ElapsedMilliseconds < 2)
                        await Task.Yield();
                });
            },
            settings: ("Statistics:Target", "00:00:00.001"));
        foreach (var url in new[] { "/api/things?hit=false", "/api/things?hit=true", "/api/things?hit=true", "/api/things?hit=true", "/api/uncached" })
            await service.Client.GetAsync(url);

        var routes = (await AllAsync(service, 5)).Routes.ToDictionary(route => route.Route);

        Assert.Equal((3L, 1L, 75.0), (routes["/api/things"].Hits, routes["/api/things"].Misses, routes["/api/things"].HitRate));
        Assert.Equal((0L, 0L, 0.0), (routes["/api/uncached"].Hits, routes["/api/uncached"].Misses, routes["/api/uncached"].HitRate));
        Assert.Equal((1L, 0.0), (routes["/api/uncached"].Late, routes["/api/uncached"].Compliance));
    }

    [Fact, Trait("Req", "I4")]
    public async Task What_is_meant_to_last_doesnt_count()
    {
        await using var service = await Recorder.StartAsync(Now(), map: app =>
        {
            app.MapGet("/probe", () => "ok").DisableHttpMetrics();
            app.MapGet("/stream", () => Results.Text("data: x\n\n", "text/event-stream"));
            app.MapGet("/poll", (HttpContext context) => context.LeaveOutOfStatistics());
            app.MapGet("/counted", () => "ok");
        });
        foreach (var url in new[] { "/probe", "/stream", "/poll", "/counted" })
            await service.Client.GetAsync(url);

        Assert.Equal("/counted", (await AllAsync(service, 1)).Routes.Single().Route);
    }

    [Fact, Trait("Req", "D3")]
    public async Task Slow_request_is_a_warning_with_everything_needed_and_no_query()
    {
        await using var service = await Recorder.StartAsync(
            map: app => app.MapGet("/api/things/{id}", async (HttpContext context) =>
            {
                context.Response.Headers["X-Cache-Hit"] = "false";
                var clock = Stopwatch.StartNew();
                while (clock.ElapsedMilliseconds < 30)
                    await Task.Yield();
            }),
            settings: ("Statistics:SlowRequest", "00:00:00.020"));
        using var request = new HttpRequestMessage(HttpMethod.Get, "/api/things/17?token=secret");
        request.Headers.Add("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
        using var listener = new ActivityListener
        {
            ShouldListenTo = source => source.Name == "Microsoft.AspNetCore",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllData,
        };
        ActivitySource.AddActivityListener(listener);
        await service.Client.SendAsync(request);

        await Eventually.TrueAsync(() => service.Log.Records.Any(record => record.Event.Id == 7101));
        var (level, _, text) = service.Log.Records.Single(record => record.Event.Id == 7101);
        Assert.Equal(LogLevel.Warning, level);
        Assert.Matches(
            "^Slow: GET /api/things/{id} \\(/api/things/17\\) took [0-9]+ ms, answered 200, cache miss, trace 0af7651916cd43dd8448eb211c80319c$", text);
        var report = await service.Reader.GetAsync(1);
        Assert.True(report.SlowRequests >= 1);
    }

    [Fact, Trait("Req", "I4")]
    public async Task P95_is_what_the_client_measures()
    {
        var clock = Now();
        await using var service = await Recorder.StartAsync(clock, map: app =>
            app.MapGet("/api/work", async (HttpContext context, int ms) =>
            {
                await Task.Delay(ms);
                await context.Response.WriteAsync(new string('x', 2000));
            }));
        var random = new Random(1);
        var measured = new ConcurrentBag<double>();
        await service.Client.GetStringAsync("/api/work?ms=1");

        await Parallel.ForEachAsync(Enumerable.Range(0, 600).Select(_ => random.Next(20, 200)), new ParallelOptions { MaxDegreeOfParallelism = 12 }, async (ms, _) =>
        {
            var watch = Stopwatch.GetTimestamp();
            await service.Client.GetStringAsync($"/api/work?ms={ms}", CancellationToken.None);
            measured.Add(Stopwatch.GetElapsedTime(watch).TotalMilliseconds);
        });

        var exact = measured.Order().ToArray()[(int)(0.95 * measured.Count) - 1];
        var report = await AllAsync(service, 601);
        Assert.InRange(report.Latency.P95, exact * 0.97, exact * 1.03);
    }

    /// <summary>A client has its answer a moment before the request is counted.</summary>
    private static async Task<StatisticsReport> AllAsync(Recorder service, int requests)
    {
        StatisticsReport? report = null;
        await Eventually.TrueAsync(async () => (report = await service.Reader.GetAsync(1)).Latency.Requests == requests);
        return report!;
    }

    /// <summary>A moment nobody else has.</summary>
    private static Clock Now() => new(new DateTimeOffset(2200, 1, 1, 0, 0, 0, TimeSpan.Zero) + TimeSpan.FromDays(Random.Shared.Next(100_000)));
}
