using Microsoft.Extensions.Logging;
using Platform.Redis;
using StackExchange.Redis;

namespace Platform.Data.Images;

/// <summary>
/// Whether there is a Worker that can work on pictures: not each machine has the library for it, and whoever takes uploads in should say
/// so rather than let them wait for nobody. Such Workers say it in Redis every now and then.
/// </summary>
public sealed class ImageWorkers(IServiceProvider services, TimeProvider time, ILogger<RedisCircuit> logger)
{
    /// <summary>How often a Worker says it.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromMinutes(1);

    // Longer than a Worker takes to be replaced.
    private static readonly TimeSpan Lifetime = TimeSpan.FromMinutes(10);
    private static readonly RedisKey Key = "images:worker";

    private readonly RedisCircuit _circuit = new("images", services, new RedisCircuitOptions { Timeout = TimeSpan.FromMilliseconds(500) }, time, logger);

    public async Task AnnounceAsync(CancellationToken cancellationToken = default) =>
        await _circuit.TryAsync(static (database, _) => database.StringSetAsync(Key, 1, Lifetime), 0, cancellationToken);

    /// <returns>False when no Worker has said so lately; true with Redis away, when nobody knows.</returns>
    public async Task<bool> AnyAsync(CancellationToken cancellationToken = default)
    {
        var answer = await _circuit.TryAsync(static (database, _) => database.KeyExistsAsync(Key), 0, cancellationToken);
        return !answer.Ok || answer.Value;
    }
}
