using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Npgsql;
using Platform.Jobs;

namespace Platform.Bench;

/// <summary>A worker process of the chaos and shutdown benches; ended before long. Ends by itself when the bench is gone.</summary>
internal static class ChaosWorker
{
    public const string Command = "worker";

    /// <summary>Queue of the steps without a lane, whose tenants may run a few at once only.</summary>
    public const string CappedQueue = "bench-capped";

    /// <param name="offset">How far its clock is ahead.</param>
    public static Process Start(JobsBenchDatabase database, LaneLocks locks, TimeSpan offset) => Process.Start(new ProcessStartInfo(
        Environment.ProcessPath!,
        [
            .. Host(), Command, database.QueueConnectionString, database.AdminConnectionString, locks.Folder,
            offset.TotalSeconds.ToString(CultureInfo.InvariantCulture),
        ]) { RedirectStandardInput = true })!;

    public static async Task<int> RunAsync(string queueConnectionString, string effectsConnectionString, string locks, string offset)
    {
        var builder = Microsoft.Extensions.Hosting.Host.CreateEmptyApplicationBuilder(null);
        builder.Logging.SetMinimumLevel(LogLevel.None);
        builder.Services.AddSingleton<TimeProvider>(
            new ShiftedClock(TimeSpan.FromSeconds(double.Parse(offset, CultureInfo.InvariantCulture))));
        builder.Services.AddSingleton(NpgsqlDataSource.Create(effectsConnectionString));
        builder.Services.AddSingleton(new LaneLocks(locks));
        builder.Services.AddJobHandler<Step, StepHandler>();
        builder.Services.AddJobHandler<Nap, NapHandler>();
        builder.AddJobWorker(options =>
        {
            options.ConnectionString = queueConnectionString;
            options.Queues.Clear();
            options.Queues["bench"] = new JobQueueOptions { Concurrency = 8 };
            options.Queues[CappedQueue] = new JobQueueOptions { Concurrency = 4, TenantConcurrency = 4 };
            options.Lease = TimeSpan.FromSeconds(6);
            options.Heartbeat = TimeSpan.FromSeconds(1.5);
            options.MaintenanceInterval = TimeSpan.FromSeconds(1);
        });
        using var host = builder.Build();
        _ = Task.Run(() =>
        {
            while (Console.In.Read() >= 0)
            {
            }

            Environment.Exit(0);
        });
        await host.RunAsync();
        return 0;
    }

    // Run as "dotnet Bench.dll", the process is dotnet and needs to be told what to run.
    private static string[] Host() =>
        Path.GetFileNameWithoutExtension(Environment.ProcessPath!) == "dotnet" ? [typeof(ChaosWorker).Assembly.Location] : [];
}
