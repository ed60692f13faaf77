using System.Diagnostics;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using OpenTelemetry.Trace;
using Platform.Embedded;
using Platform.Testing;
using StackExchange.Redis;

namespace Platform.Standins.Tests.Redis;

[Trait("Req", "A2")]
public sealed class RedisClientTests
{
    [Fact]
    public async Task AddRedisClient_registers_a_working_connection()
    {
        using var host = await StartAsync();
        var database = host.Services.GetRequiredService<IConnectionMultiplexer>().GetDatabase();
        var key = $"redis-client:{Guid.NewGuid():N}";

        await database.StringSetAsync(key, "value", TimeSpan.FromMinutes(1));

        Assert.Equal("value", await database.StringGetAsync(key));
        Assert.Same(host.Services.GetRequiredService<IConnectionMultiplexer>(), host.Services.GetRequiredService<IConnectionMultiplexer>());
    }

    [Fact]
    public async Task AddKeyedRedisClient_registers_under_the_name()
    {
        var builder = Builder(("ConnectionStrings:cache", await ConnectionStringAsync()));
        builder.AddKeyedRedisClient("cache");
        using var host = builder.Build();
        await host.StartAsync();

        Assert.True((await host.Services.GetRequiredKeyedService<IConnectionMultiplexer>("cache").GetDatabase().PingAsync()) > TimeSpan.Zero);
        Assert.Null(host.Services.GetService<IConnectionMultiplexer>());
        Assert.Equal(HealthStatus.Healthy, (await HealthAsync(host)).Entries["StackExchange.Redis_cache"].Status);
    }

    [Fact]
    public async Task Health_of_a_reachable_server_is_healthy()
    {
        using var host = await StartAsync();

        Assert.Equal(HealthStatus.Healthy, (await HealthAsync(host)).Entries["StackExchange.Redis"].Status);
    }

    [Fact]
    [Trait("Req", "C5")]
    public async Task Host_starts_at_once_when_the_server_is_away_and_says_so_in_its_health()
    {
        var builder = Builder(("ConnectionStrings:redis", $"127.0.0.1:{PortFinder.FreePort()},connectTimeout=8000"));
        builder.AddRedisClient("redis");
        using var host = builder.Build();
        var clock = Stopwatch.StartNew();

        await host.StartAsync();

        Assert.True(clock.Elapsed < TimeSpan.FromSeconds(7), $"waited for the connection: started in {clock.Elapsed}");
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(2));
        var report = await HealthAsync(host, limit.Token);
        Assert.Equal(HealthStatus.Unhealthy, report.Entries["StackExchange.Redis"].Status);
    }

    [Fact]
    [Trait("Req", "C5")]
    public async Task Connection_made_while_the_server_was_away_works_once_it_is_there()
    {
        var port = PortFinder.FreePort();
        var builder = Builder(("ConnectionStrings:redis", $"127.0.0.1:{port},password=late-one,connectTimeout=500"));
        builder.AddRedisClient("redis");
        using var host = builder.Build();
        await host.StartAsync();
        var redis = host.Services.GetRequiredService<IConnectionMultiplexer>();
        await Assert.ThrowsAnyAsync<Exception>(() => redis.GetDatabase().PingAsync());

        await using var server = await EmbeddedGarnet.StartAsync(
            new EmbeddedGarnetOptions { Ephemeral = true, Port = port, Password = "late-one" });

        await Eventually.TrueAsync(
            async () => await redis.GetDatabase().PingAsync() > TimeSpan.Zero, TimeSpan.FromSeconds(30), "The connection never came up.");
    }

    [Fact]
    public void AddRedisClient_without_a_connection_string_names_what_is_missing()
    {
        var builder = Builder();
        builder.AddRedisClient("redis");
        using var host = builder.Build();

        var error = Assert.Throws<InvalidOperationException>(() => host.Services.GetRequiredService<IConnectionMultiplexer>());

        Assert.Contains("ConnectionStrings:redis", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AddRedisClient_settings_come_from_configuration_then_code()
    {
        var builder = Builder(
            ("ConnectionStrings:redis", await ConnectionStringAsync()),
            ("Aspire:StackExchange:Redis:DisableTracing", "true"),
            ("Aspire:StackExchange:Redis:redis:DisableHealthChecks", "true"),
            ("Aspire:StackExchange:Redis:ConfigurationOptions:ConnectTimeout", "1234"));
        int? timeout = null;
        builder.AddRedisClient(
            "redis",
            settings =>
            {
                Assert.True(settings.DisableTracing);
                Assert.True(settings.DisableHealthChecks);
            },
            options => timeout = options.ConnectTimeout);
        using var host = builder.Build();

        _ = host.Services.GetRequiredService<IConnectionMultiplexer>();

        Assert.Equal(1234, timeout);
        Assert.Empty((await HealthAsync(host)).Entries);
    }

    [Fact]
    [Trait("Req", "I2")]
    public async Task Command_makes_a_client_span_below_the_activity_that_sent_it()
    {
        using var source = new ActivitySource($"test-{Guid.NewGuid():N}");
        var seen = new Collector<Activity>();
        var builder = Builder(("ConnectionStrings:redis", await ConnectionStringAsync()));
        builder.AddRedisClient("redis");
        builder.Services.AddOpenTelemetry().WithTracing(tracing => tracing.AddSource(source.Name).AddProcessor(seen));
        using var host = builder.Build();
        await host.StartAsync();
        var database = host.Services.GetRequiredService<IConnectionMultiplexer>().GetDatabase();

        ActivityTraceId trace;
        ActivitySpanId parent;
        using (var activity = source.StartActivity("work"))
        {
            (trace, parent) = (activity!.TraceId, activity.SpanId);
            activity.SetTag("tenant.id", "the tenant");
            await database.StringGetAsync("redis-client:none");
        }

        await Eventually.TrueAsync(
            () => seen.Items.Any(item => item.TraceId == trace && item.OperationName == "GET"),
            TimeSpan.FromSeconds(30),
            "No span of the command.");
        var span = seen.Items.Single(item => item.TraceId == trace && item.OperationName == "GET");
        Assert.Equal(ActivityKind.Client, span.Kind);
        Assert.Equal(parent, span.ParentSpanId);
        Assert.Equal("redis", span.GetTagItem("db.system.name"));
        Assert.Equal("the tenant", span.GetTagItem("tenant.id"));
        Assert.True(span.Duration > TimeSpan.Zero && span.Duration < TimeSpan.FromSeconds(30), $"{span.Duration}");
    }

    /// <summary>With patience, for machines that are busy with other tests.</summary>
    private static async Task<string> ConnectionStringAsync() =>
        (await GarnetServer.GetAsync()).ConnectionString + ",connectTimeout=30000";

    private static async Task<IHost> StartAsync()
    {
        var builder = Builder(("ConnectionStrings:redis", await ConnectionStringAsync()));
        builder.AddRedisClient("redis");
        var host = builder.Build();
        await host.StartAsync();
        return host;
    }

    private static Task<HealthReport> HealthAsync(IHost host, CancellationToken cancellationToken = default) =>
        host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync(cancellationToken);

    private static HostApplicationBuilder Builder(params (string Key, string Value)[] settings)
    {
        var builder = Host.CreateEmptyApplicationBuilder(new HostApplicationBuilderSettings { ApplicationName = "tests" });
        builder.Configuration.AddInMemoryCollection(settings.ToDictionary(setting => setting.Key, string? (setting) => setting.Value));
        builder.Services.AddHealthChecks();
        return builder;
    }
}
