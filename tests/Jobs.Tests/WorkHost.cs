using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace Platform.Jobs.Tests;

/// <summary>A process that runs the tests' jobs: a host of its own with the engine in it.</summary>
public sealed class WorkHost : IAsyncDisposable
{
    private readonly IHost _host;
    private bool _stopped;

    private WorkHost(IHost host) => _host = host;

    public delegate Task<object?> Handler(object payload, JobContext context, CancellationToken cancellationToken);

    public IServiceProvider Services => _host.Services;

    public static async Task<WorkHost> StartAsync(
        JobsDatabase database, Handler handler, Action<JobWorkerOptions>? configure = null, IJobEvents? events = null,
        Action<IHostApplicationBuilder>? build = null)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Logging.SetMinimumLevel(LogLevel.Warning).AddSimpleConsole();
        builder.Services.AddSingleton(handler);
        if (events is not null)
            builder.Services.AddSingleton(events);
        builder.Services.AddJobHandler<Work, WorkHandler<Work>>();
        builder.Services.AddJobHandler<CarefulWork, WorkHandler<CarefulWork>>();
        builder.Services.AddJobHandler<PatientWork, WorkHandler<PatientWork>>();
        builder.Services.AddJobHandler<BriefWork, WorkHandler<BriefWork>>();
        builder.Services.AddJobHandler<Completion, WorkHandler<Completion>>();
        builder.AddJobWorker(options =>
        {
            options.ConnectionString = database.QueueConnectionString;
            options.Queues.Clear();
            options.Queues["work"] = new JobQueueOptions { Concurrency = 8 };
            configure?.Invoke(options);
        });
        build?.Invoke(builder);
        var host = new WorkHost(builder.Build());
        await host._host.StartAsync();
        return host;
    }

    public Task StopAsync()
    {
        _stopped = true;
        return _host.StopAsync();
    }

    public async ValueTask DisposeAsync()
    {
        if (!_stopped)
            await StopAsync();
        _host.Dispose();
    }

    internal sealed class WorkHandler<TPayload>(Handler handler) : IJobHandler<TPayload>
        where TPayload : notnull
    {
        public Task<object?> RunAsync(TPayload payload, JobContext context, CancellationToken cancellationToken) =>
            handler(payload, context, cancellationToken);
    }
}
