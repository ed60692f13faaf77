using System.Diagnostics;
using System.Diagnostics.Metrics;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;
using Platform.Testing;

namespace Platform.Standins.Tests.Npgsql;

[Trait("Req", "A2")]
public sealed class NpgsqlDbContextTests
{
    [Fact]
    public async Task AddNpgsqlDbContext_registers_a_pooled_context_on_the_connection_string()
    {
        await using var database = await TestDatabase.CreateAsync();
        using var host = Build(database.ConnectionString, builder => builder.AddNpgsqlDbContext<ShopDb>("shop"));

        ShopDb first;
        await using (var scope = host.Services.CreateAsyncScope())
        {
            first = scope.ServiceProvider.GetRequiredService<ShopDb>();
            Assert.Equal(database.Name, await first.Database.SqlQuery<string>($"SELECT current_database()::text AS \"Value\"").SingleAsync());
        }

        await using var next = host.Services.CreateAsyncScope();
        Assert.Same(first, next.ServiceProvider.GetRequiredService<ShopDb>());
    }

    [Fact]
    public void AddNpgsqlDbContext_retries_unless_told_not_to()
    {
        using var retrying = Build(Unused, builder => builder.AddNpgsqlDbContext<ShopDb>("shop"));
        using var single = Build(Unused, builder => builder.AddNpgsqlDbContext<ShopDb>("shop", settings => settings.DisableRetry = true));

        Assert.True(Context(retrying).Database.CreateExecutionStrategy().RetriesOnFailure);
        Assert.False(Context(single).Database.CreateExecutionStrategy().RetriesOnFailure);
    }

    [Fact]
    public void AddNpgsqlDbContext_settings_come_from_configuration_then_code()
    {
        using var host = Build(
            Unused,
            builder =>
            {
                builder.Configuration["Aspire:Npgsql:EntityFrameworkCore:PostgreSQL:DisableRetry"] = "true";
                builder.Configuration["Aspire:Npgsql:EntityFrameworkCore:PostgreSQL:ShopDb:CommandTimeout"] = "7";
                builder.AddNpgsqlDbContext<ShopDb>(
                    "shop",
                    settings => Assert.Equal(Unused, settings.ConnectionString),
                    options => options.UseQueryTrackingBehavior(QueryTrackingBehavior.NoTracking));
            });

        var context = Context(host);

        Assert.False(context.Database.CreateExecutionStrategy().RetriesOnFailure);
        Assert.Equal(7, context.Database.GetCommandTimeout());
        Assert.Equal(QueryTrackingBehavior.NoTracking, context.ChangeTracker.QueryTrackingBehavior);
    }

    [Fact]
    public void AddNpgsqlDbContext_without_a_connection_string_names_what_is_missing()
    {
        using var host = Build(connectionString: null, builder => builder.AddNpgsqlDbContext<ShopDb>("shop"));

        var error = Assert.Throws<InvalidOperationException>(() => Context(host));

        Assert.Contains("ConnectionStrings:shop", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Health_of_a_reachable_database_is_healthy()
    {
        await using var database = await TestDatabase.CreateAsync();
        using var host = Build(database.ConnectionString, builder => builder.AddNpgsqlDbContext<ShopDb>("shop"));

        Assert.Equal(HealthStatus.Healthy, (await HealthAsync(host)).Entries["ShopDb"].Status);
    }

    [Fact]
    public async Task Health_of_an_unreachable_database_is_unhealthy()
    {
        using var host = Build(
            $"Host=127.0.0.1;Port={PortFinder.FreePort()};Username=x;Password=x;Timeout=2",
            builder => builder.AddNpgsqlDbContext<ShopDb>("shop"));

        Assert.Equal(HealthStatus.Unhealthy, (await HealthAsync(host)).Entries["ShopDb"].Status);
    }

    [Fact]
    public async Task Health_check_can_be_left_out()
    {
        using var host = Build(Unused, builder => builder.AddNpgsqlDbContext<ShopDb>("shop", settings => settings.DisableHealthChecks = true));

        Assert.Empty((await HealthAsync(host)).Entries);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Commands_make_spans_and_metrics_unless_told_not_to(bool disabled)
    {
        await using var database = await TestDatabase.CreateAsync();
        var spans = new Collector<Activity>();
        var metrics = new List<string>();
        using var host = Build(
            database.ConnectionString,
            builder =>
            {
                builder.AddNpgsqlDbContext<ShopDb>("shop", settings => (settings.DisableTracing, settings.DisableMetrics) = (disabled, disabled));
                builder.Services.AddOpenTelemetry()
                    .WithTracing(tracing => tracing.AddProcessor(spans))
                    .WithMetrics(meters => meters.AddReader(new BaseExportingMetricReader(new MetricNames(metrics))));
            });
        await host.StartAsync();

        await Context(host).Database.ExecuteSqlAsync($"SELECT 42");
        host.Services.GetRequiredService<MeterProvider>().ForceFlush();

        Assert.Equal(!disabled, spans.Items.Any(span => span.Source.Name == "Npgsql"));
        Assert.Equal(!disabled, metrics.Any(name => name.StartsWith("db.client", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task EnrichNpgsqlDbContext_adds_retries_timeout_and_health_to_a_registered_context()
    {
        await using var database = await TestDatabase.CreateAsync();
        using var host = Build(connectionString: null, builder =>
        {
            builder.Services.AddDbContextPool<ShopDb>(options => options.UseNpgsql(database.ConnectionString));
            builder.EnrichNpgsqlDbContext<ShopDb>(settings => settings.CommandTimeout = 9);
        });

        var context = Context(host);

        Assert.Equal(database.Name, context.Database.GetDbConnection().Database);
        Assert.True(context.Database.CreateExecutionStrategy().RetriesOnFailure);
        Assert.Equal(9, context.Database.GetCommandTimeout());
        Assert.Equal(HealthStatus.Healthy, (await HealthAsync(host)).Entries["ShopDb"].Status);
    }

    [Fact]
    public void EnrichNpgsqlDbContext_of_an_unknown_context_is_rejected()
    {
        var builder = Host.CreateEmptyApplicationBuilder(settings: null);

        Assert.Throws<InvalidOperationException>(() => builder.EnrichNpgsqlDbContext<ShopDb>());
    }

    private const string Unused = "Host=127.0.0.1;Username=x;Password=x";

    private static IHost Build(string? connectionString, Action<HostApplicationBuilder> configure)
    {
        var builder = Host.CreateEmptyApplicationBuilder(settings: null);
        builder.Configuration.AddInMemoryCollection([new("ConnectionStrings:shop", connectionString)]);
        builder.Services.AddHealthChecks();
        configure(builder);
        return builder.Build();
    }

    private static ShopDb Context(IHost host) => host.Services.CreateScope().ServiceProvider.GetRequiredService<ShopDb>();

    private static Task<HealthReport> HealthAsync(IHost host) =>
        host.Services.GetRequiredService<HealthCheckService>().CheckHealthAsync();

    private sealed class ShopDb(DbContextOptions<ShopDb> options) : DbContext(options);
}
