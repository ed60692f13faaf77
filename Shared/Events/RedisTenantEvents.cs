using System.Diagnostics;
using System.Globalization;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Platform.Tenancy;
using StackExchange.Redis;

namespace Platform.Events;

/// <summary>Publishes in one step of Redis. The caller's cancellation is not passed on: what is told has happened.</summary>
internal sealed partial class RedisTenantEvents(
    EventsRedis redis, LostEvents lost, IOptions<EventsOptions> options, TimeProvider time, ILogger<RedisTenantEvents> logger)
    : ITenantEvents
{
    public async ValueTask<long> PublishAsync(TenantId tenant, TenantEvent tenantEvent, CancellationToken cancellationToken = default)
    {
        var number = await TryPublishAsync(tenant, tenantEvent);
        if (number == 0)
        {
            EventsTelemetry.Lost.Add(1);
            lost.Add(tenant);
        }
        return number;
    }

    /// <returns>0 when it couldn't be published; nothing else is done about it.</returns>
    internal async ValueTask<long> TryPublishAsync(TenantId tenant, TenantEvent tenantEvent)
    {
        using var activity = EventsTelemetry.StartPublish(tenant.ToString(), tenantEvent);
        var now = time.GetUtcNow();
        var cause = activity ?? Activity.Current;
        var envelope = EventWire.Write(tenantEvent, cause is { IdFormat: ActivityIdFormat.W3C } ? cause.Id : null, now);
        if (envelope.Length > options.Value.MaxEventBytes)
        {
            LogTooLarge(tenantEvent.Type, envelope.Length);
            activity?.SetStatus(ActivityStatusCode.Error, "too large");
            return 0;
        }
        var settings = options.Value;
        RedisKey[] keys = [EventKeys.Number(tenant), EventKeys.Window(tenant)];
        RedisValue[] values =
        [
            envelope.ToArray(), now.ToUnixTimeMilliseconds(), settings.WindowCount, (long)settings.WindowAge.TotalMilliseconds,
            EventKeys.ChannelName(tenant),
        ];
        var answer = await redis.Circuit.TryAsync(
            static (database, call) => EventScripts.Publish.RunAsync(database, call.keys, call.values), (keys, values));
        if (!answer.Ok || !long.TryParse((string?)answer.Value, CultureInfo.InvariantCulture, out var number))
        {
            activity?.SetStatus(ActivityStatusCode.Error, "Redis is away");
            return 0;
        }
        EventsTelemetry.Published.Add(1, new KeyValuePair<string, object?>("type", tenantEvent.Type));
        activity?.SetTag("messaging.message.id", number.ToString(CultureInfo.InvariantCulture));
        return number;
    }

    [LoggerMessage(6200, LogLevel.Error, "Event {Type} has {Bytes} bytes, more than an event may have; listeners are told to read again")]
    private partial void LogTooLarge(string type, int bytes);
}
