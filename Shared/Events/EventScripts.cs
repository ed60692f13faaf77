using Platform.Redis;

namespace Platform.Events;

/// <summary>The bus's steps in Redis. Numbers are formatted by hand: Lua would write large ones with an exponent.</summary>
internal static class EventScripts
{
    /// <summary>
    /// KEYS: number, window. ARGV: envelope without its opening brace, first number, window's count, window's age (ms),
    /// channel. Returns the event's number.
    /// </summary>
    /// <remarks>
    /// A tenant's first number is the time in milliseconds. Should Redis lose its data, numbers jump forward instead of
    /// starting over, so that no client takes a new event for one it has seen.
    /// </remarks>
    public static readonly RedisScript Publish = new(
        """
        local number = redis.call('INCR', KEYS[1])
        if number == 1 then
          number = tonumber(ARGV[2])
          redis.call('SET', KEYS[1], ARGV[2])
        end
        local event = '{"id":' .. string.format('%.0f', number) .. ',' .. ARGV[1]
        redis.call('RPUSH', KEYS[2], event)
        redis.call('LTRIM', KEYS[2], -tonumber(ARGV[3]), -1)
        redis.call('PEXPIRE', KEYS[2], ARGV[4])
        redis.call('PUBLISH', ARGV[5], event)
        return string.format('%.0f', number)
        """);

    /// <summary>
    /// KEYS: number, window. ARGV: number the reader has (-1 for none), most events wanted, first number.
    /// Returns the last number, then the events after the reader's, oldest first, as far as they are kept.
    /// </summary>
    /// <remarks>Sets a missing number, so that a tenant's first event follows on what its readers have.</remarks>
    public static readonly RedisScript Read = new(
        """
        local last = redis.call('GET', KEYS[1])
        if not last then
          last = ARGV[3]
          redis.call('SET', KEYS[1], last)
        end
        last = tonumber(last)
        local count = math.min(last - tonumber(ARGV[1]), tonumber(ARGV[2]))
        local answer = { string.format('%.0f', last) }
        if count > 0 then
          local events = redis.call('LRANGE', KEYS[2], string.format('%.0f', -count), -1)
          for i = 1, #events do answer[i + 1] = events[i] end
        end
        return answer
        """);
}
