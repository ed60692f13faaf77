using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Platform.Jobs;
using Platform.Tenancy;

namespace Platform.Bench;

/// <summary>One process's worth of the engine, with a handler of the bench's choice.</summary>
internal sealed class Engine : IDrain
{
    private readonly IHost _host;
    private readonly MeterListener _listener = new();
    private long _recorded;

    private Engine(IHost host)
    {
        _host = host;
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Name == "queue_jobs_total")
                listener.EnableMeasurementEvents(instrument);
        };
        _listener.SetMeasurementEventCallback<long>((_, count, _, _) => Interlocked.Add(ref _recorded, count));
        _listener.Start();
    }

    /// <summary>Jobs whose end is committed.</summary>
    public long Recorded => Interlocked.Read(ref _recorded);

    public static async Task<Engine> StartAsync(JobsBenchDatabase database, Action<TenantId, long> onRun)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Logging.SetMinimumLevel(LogLevel.Warning).AddSimpleConsole();
        builder.Services.AddSingleton(onRun);
        builder.Services.AddJobHandler<NoOp, Handler>();
        builder.AddJobWorker(options =>
        {
            options.ConnectionString = database.QueueConnectionString;
            options.Queues.Clear();
            options.Queues["bench"] = new JobQueueOptions { Concurrency = 24 };
        });
        var engine = new Engine(builder.Build());
        await engine._host.StartAsync();
        return engine;
    }

    public async Task WaitAsync(long recorded)
    {
        while (Recorded < recorded)
            await Task.Delay(1);
    }

    public async ValueTask DisposeAsync()
    {
        await _host.StopAsync();
        _host.Dispose();
        _listener.Dispose();
    }

    private sealed class Handler(Action<TenantId, long> onRun) : IJobHandler<NoOp>
    {
        private static readonly Task<object?> Nothing = Task.FromResult<object?>(null);

        public Task<object?> RunAsync(NoOp payload, JobContext context, CancellationToken cancellationToken)
        {
            onRun(context.Tenant, payload.Number);
            return Nothing;
        }
    }
}
