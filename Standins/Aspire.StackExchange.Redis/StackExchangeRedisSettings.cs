namespace Aspire.StackExchange.Redis;

/// <summary>Settings of a Redis client, from configuration section <c>Aspire:StackExchange:Redis</c>, then code.</summary>
public sealed class StackExchangeRedisSettings
{
    /// <summary>A StackExchange.Redis configuration string; <c>ConnectionStrings:{name}</c> wins over the section.</summary>
    public string? ConnectionString { get; set; }

    /// <summary>Leaves out the health check. Default false.</summary>
    public bool DisableHealthChecks { get; set; }

    /// <summary>Leaves out the span a command. Default false.</summary>
    public bool DisableTracing { get; set; }

    /// <summary>Connects at first use instead of when the host starts. Default false.</summary>
    public bool DisableAutoActivation { get; set; }
}
