using Npgsql;
using Platform.Testing;

namespace Platform.Worker.Tests;

/// <summary>The real Worker, as a process of its own.</summary>
internal static class WorkerProcess
{
    public static string AssemblyPath => typeof(MigrateCommand).Assembly.Location;

    /// <summary>Settings that are empty in tests, so that no job comes because a minute or a quarter of an hour has begun.</summary>
    public static IReadOnlyList<string> NoSchedules { get; } = ["Backup:Schedule", "CacheWarming:Schedule", "Campaigns:AdoptSchedule", "CleanUp:Schedule"];

    public static async Task<ChildProcess> StartAsync(
        WorkerDatabase database, int port, params (string Name, string Value)[] settings)
    {
        var garnet = await GarnetServer.GetAsync();
        var environment = new Dictionary<string, string?>
        {
            ["ConnectionStrings__platform"] = database.AppConnectionString,
            ["ConnectionStrings__platform-queue"] = database.QueueConnectionString,
            ["ConnectionStrings__redis"] = garnet.ConnectionString,
            ["ENCRYPTION_KEY"] = "a-key-for-tests-of-22-characters-or-more",
            ["ASPNETCORE_URLS"] = $"http://127.0.0.1:{port}",
            ["DOTNET_ENVIRONMENT"] = "Development",
            ["Imports__BatchRows"] = "200",
            ["Jobs__Lease"] = "00:00:02",
            ["Jobs__Heartbeat"] = "00:00:00.5",
            ["Jobs__MaintenanceInterval"] = "00:00:00.5",
        };
        foreach (var name in NoSchedules)
            environment[name.Replace(":", "__", StringComparison.Ordinal)] = "";
        foreach (var (name, value) in settings)
            environment[name] = value;
        return ChildProcess.StartDotnet(AssemblyPath, [], AppContext.BaseDirectory, environment);
    }

    public static ChildProcess Migrate(string? ownerConnectionString, bool seed = true) =>
        ChildProcess.StartDotnet(AssemblyPath, ["migrate"], AppContext.BaseDirectory, new Dictionary<string, string?>
        {
            ["ConnectionStrings__platform-owner"] = ownerConnectionString is null
                ? null : new NpgsqlConnectionStringBuilder(ownerConnectionString) { Timeout = 3 }.ConnectionString,
            ["Database__AppPassword"] = WorkerDatabase.AppPassword,
            ["Database__QueuePassword"] = WorkerDatabase.QueuePassword,
            ["Demo__Seed"] = seed ? "true" : "false",
        });
}
