using StackExchange.Redis;

namespace Platform.Redis;

/// <summary>A Lua script, sent by its hash and again in full when the server has forgotten it (it was restarted).</summary>
public sealed class RedisScript(string text)
{
    public async Task<RedisResult> RunAsync(IDatabase database, RedisKey[] keys, RedisValue[] values)
    {
        try
        {
            return await database.ScriptEvaluateAsync(text, keys, values);
        }
        catch (RedisServerException e) when (e.Message.StartsWith("NOSCRIPT", StringComparison.Ordinal))
        {
            // The client has dropped its own note of the hash by now.
            return await database.ScriptEvaluateAsync(text, keys, values);
        }
    }
}
