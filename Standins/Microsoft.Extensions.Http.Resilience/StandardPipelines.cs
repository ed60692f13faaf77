using System.Collections.Concurrent;
using System.Threading.RateLimiting;
using Microsoft.Extensions.Options;
using Polly;

namespace Microsoft.Extensions.Http.Resilience;

/// <summary>Builds each pipeline once and keeps it: circuit and rate limit are shared by all of a client's requests.</summary>
internal sealed class StandardPipelines(
    IOptionsMonitor<HttpStandardResilienceOptions> options,
    IOptionsMonitor<PipelineSelection> selections) : IAsyncDisposable
{
    private readonly ConcurrentDictionary<(string Name, string Authority), Lazy<ResiliencePipeline<HttpResponseMessage>>> _pipelines = new();
    private readonly ConcurrentBag<RateLimiter> _limiters = [];

    public Func<HttpRequestMessage, ResiliencePipeline<HttpResponseMessage>> For(string name)
    {
        var byAuthority = selections.Get(name).ByAuthority;
        return request =>
        {
            var authority = byAuthority && request.RequestUri is { IsAbsoluteUri: true } uri
                ? uri.GetLeftPart(UriPartial.Authority)
                : string.Empty;
            return _pipelines.GetOrAdd((name, authority), key => new(() => Build(key.Name))).Value;
        };
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var limiter in _limiters)
            await limiter.DisposeAsync().ConfigureAwait(false);
    }

    private ResiliencePipeline<HttpResponseMessage> Build(string name)
    {
        var current = options.Get(name);
        var limiter = new ConcurrencyLimiter(current.RateLimiter.DefaultRateLimiterOptions);
        _limiters.Add(limiter);
        return new ResiliencePipelineBuilder<HttpResponseMessage> { Name = name }
            .AddStrategy(_ => new RateLimiterStrategy(limiter), current.RateLimiter)
            .AddTimeout(current.TotalRequestTimeout)
            .AddRetry(current.Retry)
            .AddCircuitBreaker(current.CircuitBreaker)
            .AddTimeout(current.AttemptTimeout)
            .Build();
    }
}
