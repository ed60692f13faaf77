using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Platform.Redis;

namespace Platform.Events;

/// <summary>The bus's guarded connection.</summary>
internal sealed class EventsRedis(
    IServiceProvider services, IOptions<EventsOptions> options, TimeProvider time, ILogger<RedisCircuit> logger)
{
    public RedisCircuit Circuit { get; } =
        new("events", services, new RedisCircuitOptions { Timeout = options.Value.Timeout }, time, logger);
}
