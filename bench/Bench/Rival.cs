using System.Globalization;
using System.Text.Json;
using Npgsql;

namespace Platform.Bench;

/// <summary>A rival on a database, or a Redis, of its own.</summary>
internal sealed class Rival : IAsyncDisposable
{
    private readonly RivalKind _kind;
    private readonly RedisServer? _redis;
    private readonly string _connectionString;
    private readonly string _url;
    private TimeSpan _cpu;

    private Rival(RivalKind kind, RedisServer? redis, string connectionString)
    {
        (_kind, _redis, _connectionString) = (kind, redis, connectionString);
        var postgres = new NpgsqlConnectionStringBuilder(connectionString);
        _url = redis is null
            ? $"postgres://{postgres.Username}:{Uri.EscapeDataString(postgres.Password ?? "")}@{postgres.Host}:{postgres.Port}/{postgres.Database}"
            : string.Create(CultureInfo.InvariantCulture, $"redis://127.0.0.1:{redis.Port}");
    }

    public static async Task<Rival> StartAsync(RivalKind kind, BenchServer server)
    {
        var rival = kind.OnRedis
            ? new Rival(kind, await RedisServer.StartAsync(), "")
            : new Rival(kind, null, await server.CreateDatabaseAsync());
        await rival.RunAsync("migrate");
        return rival;
    }

    /// <returns>Jobs per second, and what one cost.</returns>
    public Task<(double Rate, (double Server, double Client) Cost)> EnqueueAsync(int jobs) => MeasureAsync("enqueue", jobs);

    /// <returns>Jobs per second, from the first start to the last stored completion, and what one cost.</returns>
    public Task<(double Rate, (double Server, double Client) Cost)> DrainAsync(int jobs) => MeasureAsync("drain", jobs);

    /// <returns>Milliseconds from enqueueing to start, ascending.</returns>
    public async Task<double[]> LatencyAsync(int jobs, int rate)
    {
        using var answer = await RunAsync("latency", Text(jobs), Text(rate));
        return [.. answer.RootElement.GetProperty("latencies").EnumerateArray().Select(l => l.GetDouble())];
    }

    public ValueTask DisposeAsync() => _redis?.DisposeAsync() ?? ValueTask.CompletedTask;

    private async Task<(double, (double, double))> MeasureAsync(string what, int jobs)
    {
        var meter = _redis is null ? await CpuMeter.StartAsync(_connectionString) : CpuMeter.OfServer(_redis.ProcessId);
        using var answer = await RunAsync(what, Text(jobs));
        return (jobs / answer.RootElement.GetProperty("milliseconds").GetDouble() * 1000, meter.Stop(jobs, _cpu));
    }

    private async Task<JsonDocument> RunAsync(params string[] arguments)
    {
        var answer = JsonDocument.Parse(await RivalPackages.RunAsync(_kind, [_url, .. arguments]));
        _cpu = TimeSpan.FromMicroseconds(answer.RootElement.GetProperty("cpuMicroseconds").GetDouble());
        return answer;
    }

    private static string Text(int number) => number.ToString(CultureInfo.InvariantCulture);
}
