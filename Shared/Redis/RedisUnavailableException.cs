namespace Platform.Redis;

/// <summary>Redis didn't answer in time, and the caller can't go on without it: answer 503 with <c>Retry-After</c>.</summary>
public sealed class RedisUnavailableException : Exception
{
    public RedisUnavailableException()
        : this("Redis is away.")
    {
    }

    public RedisUnavailableException(string message)
        : base(message)
    {
    }

    public RedisUnavailableException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}
