using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using StackExchange.Redis;

namespace Platform.Redis;

/// <summary>A Lua script, called by its hash; sent in full when the server doesn't know it (yet, or after a restart).</summary>
/// <remarks>
/// Written with the general command instead of <c>ScriptEvaluateAsync</c>: version 1.2.6 of the client writes scripts as
/// two messages, and while commands are profiled (traced) it loses some of them under load.
/// </remarks>
public sealed class RedisScript(string text)
{
    private readonly string _hash = Hash(text);

    /// <summary>Runs it in one round trip. Keys must be of one tenant, so that they are on one node of a cluster.</summary>
    public async Task<RedisResult> RunAsync(IDatabase database, RedisKey[] keys, RedisValue[] values)
    {
        object[] arguments = [_hash, keys.Length, .. keys, .. values];
        try
        {
            return await database.ExecuteAsync("EVALSHA", arguments);
        }
        catch (RedisServerException e) when (e.Message.StartsWith("NOSCRIPT", StringComparison.Ordinal))
        {
            arguments[0] = text;
            return await database.ExecuteAsync("EVAL", arguments);
        }
    }

    [SuppressMessage("Security", "CA5350", Justification = "Redis names scripts by their SHA-1.")]
    private static string Hash(string text) => Convert.ToHexStringLower(SHA1.HashData(Encoding.UTF8.GetBytes(text)));
}
