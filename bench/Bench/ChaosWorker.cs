using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using Platform.Jobs;

namespace Platform.Bench;

/// <summary>A worker process of the chaos bench; killed before long.</summary>
internal static class ChaosWorker
{
    public static async Task<int> RunAsync(string queueConnectionString, string effectsConnectionString)
    {
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Logging.SetMinimumLevel(LogLevel.None);
        builder.Services.AddSingleton(NpgsqlDataSource.Create(effectsConnectionString));
        builder.Services.AddJobHandler<Step, StepHandler>();
        builder.AddJobWorker(options =>
        {
            options.ConnectionString = queueConnectionString;
            options.Queues.Clear();
            options.Queues["bench"] = new JobQueueOptions { Concurrency = 8 };
            options.Lease = TimeSpan.FromSeconds(6);
            options.Heartbeat = TimeSpan.FromSeconds(1.5);
            options.MaintenanceInterval = TimeSpan.FromSeconds(1);
        });
        using var host = builder.Build();
        await host.RunAsync();
        return 0;
    }
}
