using System.Collections.Concurrent;
using Microsoft.Extensions.Options;
using Platform.Caching;
using Platform.Tenancy;

namespace Platform.Api.Features.Auth;

/// <summary>
/// Users' standing, from memory, then Redis, then the database, at most a minute old. Asked on every request: what names
/// an entry is made once a user, and a hit is two look-ups.
/// </summary>
internal sealed class Standings(TenantCache cache, AccountStore accounts, IOptions<AuthOptions> options, TimeProvider time)
{
    private const string Subject = "permissions";

    // Beyond, all is forgotten and made anew: names only, no answers.
    private const int MaxEntries = 50_000;

    // Access tokens are accepted a little longer than they live, and clocks differ.
    private static readonly TimeSpan Margin = TimeSpan.FromMinutes(5);

    // Operators belong to no tenant, whose cache they could use; there are few of them.
    private static readonly TimeSpan OperatorLifetime = TimeSpan.FromSeconds(10);

    private readonly ConcurrentDictionary<(TenantId Tenant, Guid User), Entry> _entries = new();
    private readonly ConcurrentDictionary<Guid, (Standing Standing, long ReadAt)> _operators = new();
    private int _added;

    /// <summary>Carried by the standing of everybody in the tenant.</summary>
    public static CacheTag TagOf(TenantId tenant) => CacheTag.For(tenant, Subject);

    public static CacheTag TagOf(TenantId tenant, Guid userId) => CacheTag.ForUser(tenant, Subject, userId);

    /// <param name="tenant">Null for an operator.</param>
    public ValueTask<Cached<Standing>> GetAsync(TenantId? tenant, Guid userId, CancellationToken cancellationToken)
    {
        if (tenant is not { } id)
            return GetOperatorAsync(userId, cancellationToken);
        if (!_entries.TryGetValue((id, userId), out var entry))
            entry = Add(id, userId);
        return cache.GetOrCreateAsync(entry.Key, entry.Fetch, cancellationToken);
    }

    public void ForgetOperator(Guid userId) => _operators.TryRemove(userId, out _);

    private Entry Add(TenantId tenant, Guid userId)
    {
        if (Interlocked.Increment(ref _added) > MaxEntries)
        {
            _entries.Clear();
            _operators.Clear();
            Volatile.Write(ref _added, 1);
        }
        var key = CacheKey.Create(tenant, CacheKinds.Permissions, [TagOf(tenant), TagOf(tenant, userId)], "standing", userId.ToString("D"));
        return _entries.GetOrAdd((tenant, userId), new Entry(key, token => LoadAsync(userId, tenant, token)));
    }

    private Task<Standing> LoadAsync(Guid userId, TenantId? tenant, CancellationToken cancellationToken) => accounts.LoadStandingAsync(
        userId, tenant?.Value, time.GetUtcNow() - options.Value.AccessTokenLifetime - Margin, cancellationToken);

    private async ValueTask<Cached<Standing>> GetOperatorAsync(Guid userId, CancellationToken cancellationToken)
    {
        if (_operators.TryGetValue(userId, out var known) && time.GetElapsedTime(known.ReadAt) < OperatorLifetime)
            return new Cached<Standing>(known.Standing, true);
        var readAt = time.GetTimestamp();
        var standing = await LoadAsync(userId, null, cancellationToken);
        _operators[userId] = (standing, readAt);
        return new Cached<Standing>(standing, false);
    }

    private sealed record Entry(CacheKey Key, Func<CancellationToken, Task<Standing>> Fetch);
}
