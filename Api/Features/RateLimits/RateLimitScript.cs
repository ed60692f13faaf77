using Platform.Redis;

namespace Platform.Api.Features.RateLimits;

internal static class RateLimitScript
{
    /// <summary>
    /// KEYS: the bucket. ARGV: interval, capacity, block (µs), then weight and count of each run of equal requests, in the order
    /// they came. Takes what the quota allows, and returns how far ahead of the clock the bucket was before, and for how much
    /// longer it was blocked (µs): from those two the caller knows what became of each request (<see cref="Gcra"/>).
    /// </summary>
    /// <remarks>The clock is the server's, so replicas needn't agree on the time. A negative value is the end of a block.</remarks>
    public static readonly RedisScript Take = new(
        """
        local time = redis.call('TIME')
        local now = tonumber(time[1]) * 1000000 + tonumber(time[2])
        local interval, capacity, block = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
        local stored = tonumber(redis.call('GET', KEYS[1]) or '0')
        local was_ahead, was_blocked = 0, 0
        if stored < 0 then
          was_blocked = math.max(-stored - now, 0)
        else
          was_ahead = math.max(stored - now, 0)
        end
        local ahead, blocked = was_ahead, was_blocked > 0
        for i = 4, #ARGV, 2 do
          local cost, count = tonumber(ARGV[i]) * interval, tonumber(ARGV[i + 1])
          if cost > 0 and not blocked then
            local allowed = math.max(math.min(count, math.floor((capacity - ahead) / cost)), 0)
            ahead = ahead + allowed * cost
            blocked = allowed < count and block > 0
          end
        end
        if blocked and was_blocked == 0 then
          redis.call('SET', KEYS[1], string.format('%.0f', -(now + block)), 'PX', string.format('%.0f', math.ceil(block / 1000)))
        elseif ahead > was_ahead then
          redis.call('SET', KEYS[1], string.format('%.0f', now + ahead), 'PX', string.format('%.0f', math.ceil(ahead / 1000)))
        end
        return { was_ahead, was_blocked }
        """);
}
