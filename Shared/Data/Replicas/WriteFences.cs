using System.Globalization;
using NpgsqlTypes;
using Platform.Redis;
using Platform.Tenancy;

namespace Platform.Data.Replicas;

/// <summary>
/// How far in the write-ahead log each tenant's last write is, in Redis, for all processes. Of the tenant and not of the
/// user, because what one user reads may be cached for the others.
/// </summary>
internal sealed class WriteFences(RedisCircuit circuit)
{
    /// <summary>Longer than a replica that still receives can lag: its queries are cancelled after 30 s to let it go on.</summary>
    private const int LifetimeSeconds = 600;

    private static readonly RedisScript Raise = new(
        """
        local known = redis.call('GET', KEYS[1])
        if known and tonumber(known) > tonumber(ARGV[1]) then return redis.call('EXPIRE', KEYS[1], ARGV[2]) end
        redis.call('SET', KEYS[1], ARGV[1], 'EX', ARGV[2])
        return 1
        """);

    /// <returns>False when Redis was away.</returns>
    public async ValueTask<bool> RaiseAsync(TenantId tenant, NpgsqlLogSequenceNumber written)
    {
        var state = (Key: Key(tenant), Value: ((ulong)written).ToString(CultureInfo.InvariantCulture));
        var answer = await circuit.TryAsync(
            static (database, state) => Raise.RunAsync(database, [state.Key], [state.Value, LifetimeSeconds]), state);
        return answer.Ok;
    }

    /// <returns>0/0 when nothing was written lately; null when Redis was away.</returns>
    public async ValueTask<NpgsqlLogSequenceNumber?> ReadAsync(TenantId tenant, CancellationToken cancellationToken)
    {
        var answer = await circuit.TryAsync(static (database, key) => database.StringGetAsync(key), Key(tenant), cancellationToken);
        if (!answer.Ok)
            return null;
        return ulong.TryParse((string?)answer.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var written)
            ? new NpgsqlLogSequenceNumber(written)
            : default(NpgsqlLogSequenceNumber);
    }

    private static string Key(TenantId tenant) => TenantKey.Create(tenant, "written");
}
