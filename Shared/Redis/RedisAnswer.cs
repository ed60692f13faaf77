namespace Platform.Redis;

/// <summary>What a guarded call to Redis came to.</summary>
/// <param name="Ok">False when Redis was away; <paramref name="Value"/> is then the type's default.</param>
public readonly record struct RedisAnswer<T>(bool Ok, T? Value)
{
    /// <exception cref="RedisUnavailableException">Redis was away.</exception>
    public T? OrThrow() => Ok ? Value : throw new RedisUnavailableException();
}
