using System.Buffers;
using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.Extensions.Options;
using Platform.Redis;
using Platform.Tenancy;
using StackExchange.Redis;

namespace Platform.Events;

/// <summary>
/// Gives out and takes one-time tickets: 256 random bits behind the tenant's id. Redis holds only a hash of them, under
/// the tenant's prefix.
/// </summary>
public sealed class RealtimeTickets
{
    private const int TenantBytes = 16;
    private const int SecretBytes = 32;
    private const int TicketLength = (TenantBytes + SecretBytes) * 4 / 3;

    private readonly RedisCircuit _redis;
    private readonly EventsOptions _options;
    private readonly TimeProvider _time;

    internal RealtimeTickets(EventsRedis redis, IOptions<EventsOptions> options, TimeProvider time) =>
        (_redis, _options, _time) = (redis.Circuit, options.Value, time);

    /// <exception cref="RedisUnavailableException">Redis is away; no ticket was given.</exception>
    public async Task<RealtimeTicket> IssueAsync(RealtimeIdentity identity, CancellationToken cancellationToken = default)
    {
        var bytes = new byte[TenantBytes + SecretBytes];
        identity.Tenant.Value.TryWriteBytes(bytes);
        RandomNumberGenerator.Fill(bytes.AsSpan(TenantBytes));
        var key = (RedisKey)EventKeys.Ticket(identity.Tenant, Hash(bytes));
        var now = _time.GetUtcNow();
        var held = new TicketHolder(identity.UserId, [.. identity.Permissions], identity.TokenExpiresAt, identity.SessionId, now);
        var value = (RedisValue)JsonSerializer.SerializeToUtf8Bytes(held, EventWireJson.Default.TicketHolder);
        var expiresAt = now + _options.TicketLifetime;
        var answer = await _redis.TryAsync(
            static (database, call) => database.StringSetAsync(call.key, call.value, call.lifetime),
            (key, value, lifetime: _options.TicketLifetime), cancellationToken);
        answer.OrThrow();
        return new RealtimeTicket(Base64Url.EncodeToString(bytes), expiresAt);
    }

    /// <returns>Null when the ticket is unknown, used, expired or malformed.</returns>
    /// <exception cref="RedisUnavailableException">Redis is away; the ticket may still be good.</exception>
    public async Task<RealtimeIdentity?> RedeemAsync(string? ticket, CancellationToken cancellationToken = default)
    {
        var bytes = new byte[TenantBytes + SecretBytes];
        if (ticket?.Length != TicketLength
            || Base64Url.DecodeFromChars(ticket, bytes, out _, out var written) != OperationStatus.Done
            || written != bytes.Length)
            return null;
        var id = new Guid(bytes.AsSpan(0, TenantBytes));
        if (id == Guid.Empty)
            return null;
        var tenant = new TenantId(id);
        var key = (RedisKey)EventKeys.Ticket(tenant, Hash(bytes));
        var answer = await _redis.TryAsync(
            static (database, key) => database.ExecuteAsync("GETDEL", key), key, cancellationToken);
        var value = (byte[]?)answer.OrThrow();
        var held = value is null ? null : JsonSerializer.Deserialize(value, EventWireJson.Default.TicketHolder);
        return held is not null && held.TokenExpiresAt > _time.GetUtcNow()
            ? new RealtimeIdentity(tenant, held.UserId, held.Permissions, held.TokenExpiresAt, held.SessionId, held.IssuedAt)
            : null;
    }

    private static string Hash(byte[] bytes) => Base64Url.EncodeToString(SHA256.HashData(bytes));
}

/// <summary>What Redis keeps of a ticket; the tenant is in the key.</summary>
internal sealed record TicketHolder(
    Guid UserId, string[] Permissions, DateTimeOffset TokenExpiresAt, Guid? SessionId = null, DateTimeOffset? IssuedAt = null);
