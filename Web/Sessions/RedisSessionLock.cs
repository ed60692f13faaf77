using Platform.Tenancy;
using StackExchange.Redis;

namespace Platform.Web.Sessions;

/// <summary>A lock in Redis that ends by itself if its holder dies. With Redis away everybody may pass: then replicas don't share sessions either.</summary>
internal sealed partial class RedisSessionLock(IConnectionMultiplexer redis, TimeProvider clock, ILogger<RedisSessionLock> logger) : ISessionLock
{
    /// <summary>Longer than a refresh may take.</summary>
    private static readonly TimeSpan Expiry = TimeSpan.FromSeconds(20);
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    public async Task<IAsyncDisposable> AcquireAsync(SessionKey key)
    {
        RedisKey name = TenantKey.Create(key.Tenant, "session-refresh", key.Id);
        RedisValue holder = Guid.NewGuid().ToString("N");
        try
        {
            var database = redis.GetDatabase();
            while (!await database.LockTakeAsync(name, holder, Expiry)) await Task.Delay(Pause, clock);
        }
        catch (Exception e) when (e is RedisException or TimeoutException)
        {
            LogAway(e);
        }
        return new Held(this, name, holder);
    }

    private async ValueTask ReleaseAsync(RedisKey name, RedisValue holder)
    {
        try
        {
            await redis.GetDatabase().LockReleaseAsync(name, holder);
        }
        catch (Exception e) when (e is RedisException or TimeoutException)
        {
            LogAway(e); // It ends by itself.
        }
    }

    private sealed class Held(RedisSessionLock owner, RedisKey name, RedisValue holder) : IAsyncDisposable
    {
        public ValueTask DisposeAsync() => owner.ReleaseAsync(name, holder);
    }

    [LoggerMessage(5014, LogLevel.Warning, "Redis is away; a session is refreshed without a lock")]
    private partial void LogAway(Exception exception);
}
