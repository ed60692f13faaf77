using System.Diagnostics;
using OpenTelemetry;
using OpenTelemetry.Trace;
using Platform.ServiceDefaults.Telemetry;

namespace Platform.ServiceDefaults.Tests;

[Trait("Req", "I2")]
public sealed class PollingSpanTests
{
    [Fact]
    public void Database_call_is_traced_only_as_part_of_something()
    {
        using var driver = new ActivitySource("Npgsql");
        using var work = new ActivitySource("Platform.PollingSpanTests");
        using var spans = new Spans();
        using var provider = Sdk.CreateTracerProviderBuilder()
            .AddSource(driver.Name, work.Name)
            .AddProcessor<PollingSpanProcessor>()
            .AddProcessor(spans)
            .Build();
        Activity.Current = null;

        ActivityTraceId poll, job;
        using (var alone = driver.StartActivity("poll", ActivityKind.Client))
            poll = alone!.TraceId;
        using (var parent = work.StartActivity("job", ActivityKind.Consumer))
        {
            job = parent!.TraceId;
            using var query = driver.StartActivity("query", ActivityKind.Client);
        }

        Assert.Empty(spans.Of(poll));
        Assert.Equal(2, spans.Of(job).Length);
    }
}
