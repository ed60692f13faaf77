namespace Polly.RateLimiting;

/// <summary>As many requests as allowed were already being sent.</summary>
public sealed class RateLimiterRejectedException : ExecutionRejectedException
{
    public RateLimiterRejectedException()
        : base("The operation could not be executed because it was rejected by the rate limiter.")
    {
    }

    public RateLimiterRejectedException(string message)
        : base(message)
    {
    }

    public RateLimiterRejectedException(string message, Exception inner)
        : base(message, inner)
    {
    }
}
