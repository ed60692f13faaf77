using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Platform.Testing;

namespace Platform.Jobs.Tests.Shutdown;

/// <summary>The tests' assembly started as a program: a worker in a process of its own, that ends as the system asks it to.</summary>
internal static class WorkerProgram
{
    private const string Command = "worker";

    /// <summary>How long running jobs may go on when the worker is asked to stop, and how long until it must be gone.</summary>
    public static readonly TimeSpan Drain = TimeSpan.FromSeconds(0.5), Grace = TimeSpan.FromSeconds(8);

    public static ChildProcess Start(JobsDatabase database) =>
        ChildProcess.StartDotnet(typeof(WorkerProgram).Assembly.Location, [Command, database.QueueConnectionString]);

    public static async Task<int> Main(string[] args)
    {
        if (args is not [Command, var queue])
            return 0;
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Logging.SetMinimumLevel(LogLevel.Warning).AddSimpleConsole();
        builder.Services.Configure<HostOptions>(options => options.ShutdownTimeout = Grace);
        builder.Services.AddJobHandler<ShutdownWork, ShutdownHandler>();
        builder.Services.AddJobHandler<LaneStep, LaneStepHandler>();
        builder.AddJobWorker(options =>
        {
            options.ConnectionString = queue;
            options.Queues.Clear();
            options.Queues["shutdown"] = new JobQueueOptions { Concurrency = 16 };
            options.Drain = Drain;
            options.Lease = TimeSpan.FromSeconds(2);
            options.Heartbeat = TimeSpan.FromSeconds(0.5);
            options.MaintenanceInterval = TimeSpan.FromSeconds(0.5);
        });
        using var host = builder.Build();
        await host.RunAsync();
        return 0;
    }
}
