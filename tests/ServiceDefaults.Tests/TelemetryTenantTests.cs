using System.Diagnostics;
using Platform.ServiceDefaults.Telemetry;
using Platform.Tenancy;

namespace Platform.ServiceDefaults.Tests;

[Trait("Req", "I2")]
public sealed class TelemetryTenantTests
{
    private readonly TenantId _tenant = new(Guid.CreateVersion7());

    [Fact]
    public async Task Begin_holds_for_what_runs_inside_and_no_longer()
    {
        using (TelemetryTenant.Begin(_tenant, "user-1"))
        {
            await Task.Yield();
            Assert.Equal((_tenant.ToString(), "user-1"), (TelemetryTenant.TenantId, TelemetryTenant.UserId));
        }

        Assert.Equal((null, null), (TelemetryTenant.TenantId, TelemetryTenant.UserId));
    }

    [Fact]
    public void Begin_inside_another_returns_to_the_outer_one()
    {
        var inner = new TenantId(Guid.CreateVersion7());
        using var outer = TelemetryTenant.Begin(_tenant);

        using (TelemetryTenant.Begin(inner))
            Assert.Equal(inner.ToString(), TelemetryTenant.TenantId);

        Assert.Equal(_tenant.ToString(), TelemetryTenant.TenantId);
    }

    [Fact]
    public async Task Begin_is_forgotten_by_background_work_that_outlives_it()
    {
        var ended = new TaskCompletionSource();
        Task<string?> background;
        using (TelemetryTenant.Begin(_tenant))
        {
            background = Task.Run(async () =>
            {
                await ended.Task;
                return TelemetryTenant.TenantId;
            });
        }

        ended.SetResult();

        Assert.Null(await background);
    }

    [Fact]
    public async Task Begin_of_parallel_units_of_work_stay_apart()
    {
        var seen = await Task.WhenAll(Enumerable.Range(0, 50).Select(async _ =>
        {
            var tenant = new TenantId(Guid.CreateVersion7());
            using var scope = TelemetryTenant.Begin(tenant);
            await Task.Yield();
            return TelemetryTenant.TenantId == tenant.ToString();
        }));

        Assert.All(seen, Assert.True);
    }

    [Fact]
    public void Begin_tags_the_running_activity()
    {
        using var activity = new Activity("job").Start();
        activity.IsAllDataRequested = true;

        using var scope = TelemetryTenant.Begin(_tenant);

        Assert.Equal(_tenant.ToString(), activity.GetTagItem("tenant.id"));
    }

    [Fact]
    public void Span_within_one_that_names_a_tenant_carries_it_and_so_do_logs()
    {
        using var processor = new TenantSpanProcessor();
        using var job = new Activity("process imports").SetTag("tenant.id", _tenant.ToString()).Start();
        using var query = new Activity("postgresql").Start();
        query.IsAllDataRequested = true;

        processor.OnStart(query);

        Assert.Equal(_tenant.ToString(), query.GetTagItem("tenant.id"));
        Assert.Equal(_tenant.ToString(), TelemetryTenant.TenantId);
    }
}
