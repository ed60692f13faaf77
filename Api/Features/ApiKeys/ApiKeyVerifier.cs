using System.Collections.Concurrent;
using System.Security.Claims;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.JsonWebTokens;
using Npgsql;
using Platform.Api.Features.Auth;
using Platform.Tenancy;

namespace Platform.Api.Features.ApiKeys;

/// <summary>
/// Looks keys up by their hash, and remembers those found for a few seconds, so that a busy machine costs no query a
/// request and a revoked key is out at once on this replica and seconds later on the others. Unknown keys aren't
/// remembered: they can't push out known ones.
/// </summary>
internal sealed partial class ApiKeyVerifier(
    NpgsqlDataSource dataSource, IOptions<AuthOptions> options, TimeProvider time, ILogger<ApiKeyVerifier> logger)
{
    private const int MaxEntries = 10_000;
    private static readonly TimeSpan UseInterval = TimeSpan.FromMinutes(1);

    private readonly ConcurrentDictionary<UInt256, VerifiedApiKey> _verified = new();
    private int _added;

    /// <param name="hash">See <see cref="ApiKeyFormat.Hash"/>.</param>
    /// <returns>Null for an unknown or revoked key.</returns>
    public ValueTask<VerifiedApiKey?> FindAsync(byte[] hash, CancellationToken cancellationToken)
    {
        var name = new UInt256(hash);
        return _verified.TryGetValue(name, out var known) && time.GetElapsedTime(known.ReadAt) < options.Value.ApiKeyCacheTime
            ? new ValueTask<VerifiedApiKey?>(known)
            : LookUpAsync(name, hash, cancellationToken);
    }

    /// <summary>Forgets a key that was revoked here.</summary>
    public void Forget(Guid id)
    {
        foreach (var (name, key) in _verified)
        {
            if (key.Principal.ApiKeyId == id)
                _verified.TryRemove(name, out _);
        }
    }

    private async ValueTask<VerifiedApiKey?> LookUpAsync(UInt256 name, byte[] hash, CancellationToken cancellationToken)
    {
        var readAt = time.GetTimestamp();
        await using var command = dataSource.CreateCommand(
            """
            SELECT id, name, scopes, expires_at, last_used_at, tenant_id, tenant_slug, tenant_plan, suspended
            FROM identity_find_api_key($1)
            """);
        command.Parameters.AddWithValue(hash);
        VerifiedApiKey key;
        DateTimeOffset? lastUsed;
        await using (var reader = await command.ExecuteReaderAsync(cancellationToken))
        {
            if (!await reader.ReadAsync(cancellationToken))
            {
                _verified.TryRemove(name, out _);
                return null;
            }
            lastUsed = await reader.IsDBNullAsync(4, cancellationToken) ? null : reader.GetFieldValue<DateTimeOffset>(4);
            key = Read(reader, readAt);
        }
        if (!_verified.ContainsKey(name) && Interlocked.Increment(ref _added) > MaxEntries)
        {
            _verified.Clear();
            Volatile.Write(ref _added, 1);
        }
        _verified[name] = key;
        var now = time.GetUtcNow();
        if (!key.IsSuspended && !(key.ExpiresAt <= now) && !(lastUsed > now - UseInterval))
            await NoteUseAsync(key.Principal, now);
        return key;
    }

    private static VerifiedApiKey Read(NpgsqlDataReader reader, long readAt)
    {
        List<Claim> claims =
        [
            new(PlatformClaims.ApiKey, reader.GetGuid(0).ToString("D")),
            new(JwtRegisteredClaimNames.Name, reader.GetString(1)),
            new(PlatformClaims.TenantId, reader.GetGuid(5).ToString("D")),
            new(PlatformClaims.Tenant, reader.GetString(6)),
            new(PlatformClaims.Plan, reader.GetString(7)),
        ];
        claims.AddRange(reader.GetFieldValue<string[]>(2).Select(scope => new Claim(PlatformClaims.Permission, scope)));
        var identity = new ClaimsIdentity(claims, ApiKeyHandler.SchemeName, JwtRegisteredClaimNames.Name, PlatformClaims.Role);
        DateTimeOffset? expiresAt = reader.IsDBNull(3) ? null : reader.GetFieldValue<DateTimeOffset>(3);
        return new VerifiedApiKey(new PlatformPrincipal(identity), expiresAt, reader.GetBoolean(8), readAt);
    }

    /// <summary>At most once a minute, whatever the number of replicas. Index: api_keys_pkey.</summary>
    private async Task NoteUseAsync(PlatformPrincipal key, DateTimeOffset now)
    {
        try
        {
            await using var batch = dataSource.CreateBatch();
            var setTenant = new NpgsqlBatchCommand("CALL set_tenant($1)");
            setTenant.Parameters.AddWithValue(key.Tenant!.Value.Value);
            var update = new NpgsqlBatchCommand(
                """
                UPDATE api_keys SET last_used_at = $3
                WHERE tenant_id = $1 AND id = $2 AND (last_used_at IS NULL OR last_used_at <= $4)
                """);
            update.Parameters.AddWithValue(key.Tenant.Value.Value);
            update.Parameters.AddWithValue(key.ApiKeyId!.Value);
            update.Parameters.AddWithValue(now);
            update.Parameters.AddWithValue(now - UseInterval);
            batch.BatchCommands.Add(setTenant);
            batch.BatchCommands.Add(update);
            // Not the request's own token: who leaves early has used the key all the same.
            await batch.ExecuteNonQueryAsync(CancellationToken.None);
        }
        catch (NpgsqlException exception)
        {
            LogUseNotNoted(key.ApiKeyId!.Value, exception);
        }
    }

    [LoggerMessage(2016, LogLevel.Warning, "The use of API key {ApiKeyId} could not be noted")]
    private partial void LogUseNotNoted(Guid apiKeyId, Exception exception);

    /// <summary>A hash as a dictionary's key, without a string.</summary>
    private readonly record struct UInt256(UInt128 High, UInt128 Low)
    {
        public UInt256(byte[] hash)
            : this(
                System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(hash),
                System.Buffers.Binary.BinaryPrimitives.ReadUInt128BigEndian(hash.AsSpan(16)))
        {
        }
    }
}

/// <param name="Principal">The machine: tenant, plan, and the key's scopes as permissions.</param>
/// <param name="ExpiresAt">Null: never.</param>
/// <param name="IsSuspended">Whether the tenant is.</param>
/// <param name="ReadAt">Timestamp of the look-up.</param>
internal sealed record VerifiedApiKey(PlatformPrincipal Principal, DateTimeOffset? ExpiresAt, bool IsSuspended, long ReadAt);
