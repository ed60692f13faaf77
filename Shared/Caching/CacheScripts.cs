using Platform.Redis;

namespace Platform.Caching;

internal static class CacheScripts
{
    /// <summary>
    /// KEYS: tags. ARGV: a version each for those without one, lifetime of tags (ms). Returns their versions.
    /// </summary>
    /// <remarks>
    /// Versions begin and grow at random, they aren't counted from zero: a tag that was evicted and begins anew must not
    /// make an old entry valid again.
    /// </remarks>
    public static readonly RedisScript Begin = new(
        """
        local versions = {}
        for i = 1, #KEYS do
          versions[i] = redis.call('GET', KEYS[i])
          if not versions[i] then
            redis.call('SET', KEYS[i], ARGV[i], 'PX', ARGV[#KEYS + 1])
            versions[i] = ARGV[i]
          end
        end
        return versions
        """);

    /// <summary>
    /// KEYS: tags. ARGV: what to raise each by, lifetime of tags (ms), channel, hint. Moves every tag to a version it never
    /// had, and tells the other processes.
    /// </summary>
    public static readonly RedisScript Invalidate = new(
        """
        for i = 1, #KEYS do
          redis.call('INCRBY', KEYS[i], ARGV[i])
          redis.call('PEXPIRE', KEYS[i], ARGV[#KEYS + 1])
        end
        redis.call('PUBLISH', ARGV[#KEYS + 2], ARGV[#KEYS + 3])
        return #KEYS
        """);
}
