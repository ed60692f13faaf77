using Platform.Embedded;
using Platform.Embedded.Postgres;

// A process that uses Platform.Embedded as an AppHost or a test run would. See EmbeddedHost, which starts it.
//   prepare-postgres|start-postgres|start-garnet|locate-vips FOLDER|ephemeral [PostgresSource...]
var (command, folder) = (args[0], args[1]);
var sources = args.Skip(2).Select(Enum.Parse<PostgresSource>).ToArray();
var progress = new Immediate();
try
{
    var postgres = new EmbeddedPostgresOptions { Ephemeral = folder == "ephemeral", DataFolder = folder };
    if (sources.Length > 0) postgres = postgres with { Sources = sources };
    var garnet = new EmbeddedGarnetOptions { Ephemeral = folder == "ephemeral", DataFolder = folder };
    object server = command switch
    {
        "prepare-postgres" => await EmbeddedPostgres.PrepareAsync(postgres, progress),
        "start-postgres" => await EmbeddedPostgres.StartAsync(postgres, progress),
        "locate-vips" => await EmbeddedVips.LocateAsync(progress),
        "start-garnet" => await EmbeddedGarnet.StartAsync(garnet, progress),
        _ => throw new ArgumentException(command),
    };
    Console.WriteLine(server switch
    {
        RunningPostgres running => $"ready {running.ProcessId} {running.DataFolder} {running.ConnectionString}",
        RunningGarnet running => $"ready {running.ProcessId} {running.DataFolder} {running.ConnectionString}",
        PreparedServer prepared => $"prepared {prepared.Description}",
        _ => $"located {server}",
    });
    if (command.StartsWith("start", StringComparison.Ordinal)) await Task.Delay(Timeout.Infinite);
    return 0;
}
catch (EmbeddedServerException error)
{
    Console.WriteLine($"error: {error.Message}");
    return 1;
}

/// <summary>Progress written in order, at once.</summary>
internal sealed class Immediate : IProgress<string>
{
    public void Report(string value) => Console.WriteLine($"progress: {value}");
}
