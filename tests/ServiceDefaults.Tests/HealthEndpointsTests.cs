using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;

namespace Platform.ServiceDefaults.Tests;

[Trait("Req", "A2")]
public sealed class HealthEndpointsTests
{
    [Theory]
    [InlineData("/health", "Production")]
    [InlineData("/alive", "Production")]
    [InlineData("/health", "Development")]
    public async Task Probe_of_a_running_service_answers_one_word(string path, string environment)
    {
        await using var app = await TestApp.StartAsync(environment: environment);

        using var response = await app.Client.GetAsync(path);

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("Healthy", await response.Content.ReadAsStringAsync());
        Assert.True(response.Headers.CacheControl?.NoStore);
        Assert.False(response.Headers.Contains("Server"));
    }

    [Fact]
    public async Task Failed_dependency_makes_not_ready_but_stays_alive_and_tells_nothing()
    {
        await using var app = await StartAsync("database", () => HealthCheckResult.Unhealthy(
            "db.internal refused", new InvalidOperationException("password=secret")));

        using var ready = await app.Client.GetAsync("/health");
        using var alive = await app.Client.GetAsync("/alive");

        Assert.Equal(HttpStatusCode.ServiceUnavailable, ready.StatusCode);
        Assert.Equal("Unhealthy", await ready.Content.ReadAsStringAsync());
        Assert.Equal(HttpStatusCode.OK, alive.StatusCode);
    }

    [Fact]
    [Trait("Req", "C5")]
    public async Task Failed_dependency_the_service_can_do_without_only_degrades()
    {
        await using var app = await StartAsync(
            "StackExchange.Redis",
            context => new HealthCheckResult(context.Registration.FailureStatus),
            ("Health:Optional:0", "stackexchange.redis"));

        using var response = await app.Client.GetAsync("/health");

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("Degraded", await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Check_that_hangs_counts_as_failed_after_its_timeout()
    {
        await using var app = await TestApp.StartAsync(
            builder => builder.Services.AddHealthChecks().AddAsyncCheck("stuck", async cancellation =>
            {
                await Task.Delay(Timeout.Infinite, cancellation);
                return HealthCheckResult.Healthy();
            }),
            settings: ("Health:CheckTimeout", "00:00:00.2"));

        using var response = await app.Client.GetAsync("/health");

        Assert.Equal(HttpStatusCode.ServiceUnavailable, response.StatusCode);
    }

    [Fact]
    public async Task Storm_of_probes_runs_the_checks_once()
    {
        var (runs, release) = (0, new TaskCompletionSource());
        await using var app = await TestApp.StartAsync(
            builder => builder.Services.AddHealthChecks().AddAsyncCheck("counted", async () =>
            {
                Interlocked.Increment(ref runs);
                await release.Task;
                return HealthCheckResult.Healthy();
            }),
            settings: ("Health:CacheFor", "00:01:00"));

        var probes = Enumerable.Range(0, 50).Select(_ => app.Client.GetStringAsync("/health")).ToArray();
        release.SetResult();
        var answers = await Task.WhenAll(probes);
        await app.Client.GetStringAsync("/health");

        Assert.All(answers, answer => Assert.Equal("Healthy", answer));
        Assert.Equal(1, runs);
    }

    [Fact]
    public async Task Report_older_than_its_lifetime_is_made_again()
    {
        var runs = 0;
        await using var app = await StartAsync("counted", () =>
        {
            Interlocked.Increment(ref runs);
            return HealthCheckResult.Healthy();
        }, ("Health:CacheFor", "00:00:00"));

        await app.Client.GetStringAsync("/health");
        await app.Client.GetStringAsync("/health");

        Assert.Equal(2, runs);
    }

    [Fact]
    public async Task Probe_answers_before_any_other_middleware()
    {
        await using var app = await TestApp.StartAsync(map: app => app.Use((HttpContext context, RequestDelegate _) =>
        {
            context.Response.StatusCode = 401;
            return Task.CompletedTask;
        }));

        using var response = await app.Client.GetAsync("/health");

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
    }

    [Theory]
    [InlineData("Health:CacheFor", "01:00:00")]
    [InlineData("Health:CheckTimeout", "00:00:00")]
    [InlineData("Shutdown:DrainDelay", "00:00:30")]
    public async Task Option_out_of_range_keeps_the_service_from_starting(string key, string value)
    {
        var error = await Assert.ThrowsAnyAsync<Exception>(() => TestApp.StartAsync(settings: (key, value)));

        Assert.Contains(key.Split(':')[1], error.Message, StringComparison.Ordinal);
    }

    private static Task<TestApp> StartAsync(string name, Func<HealthCheckResult> check, params (string, string)[] settings) =>
        StartAsync(name, _ => check(), settings);

    private static Task<TestApp> StartAsync(string name, Func<HealthCheckContext, HealthCheckResult> check, params (string, string)[] settings) =>
        TestApp.StartAsync(
            builder => builder.Services.AddHealthChecks().Add(new HealthCheckRegistration(name, new Check(check), failureStatus: null, tags: null)),
            settings: settings);

    private sealed class Check(Func<HealthCheckContext, HealthCheckResult> check) : IHealthCheck
    {
        public Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
            Task.FromResult(check(context));
    }
}
