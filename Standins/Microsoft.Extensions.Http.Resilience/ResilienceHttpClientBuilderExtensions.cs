using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Http.Resilience;

namespace Microsoft.Extensions.DependencyInjection;

public static class ResilienceHttpClientBuilderExtensions
{
    /// <summary>
    /// Rate limiter, total timeout, retry, circuit breaker and attempt timeout around each request, with defaults that
    /// suit most services. The client's own timeout is switched off: the pipeline's are in charge.
    /// </summary>
    public static IHttpStandardResiliencePipelineBuilder AddStandardResilienceHandler(this IHttpClientBuilder builder)
    {
        var name = string.IsNullOrEmpty(builder.Name) ? "standard" : $"{builder.Name}-standard";

        builder.Services.AddOptions<HttpStandardResilienceOptions>(name)
            .Validate(
                options => options.TotalRequestTimeout.Timeout > options.AttemptTimeout.Timeout,
                "TotalRequestTimeout must be longer than AttemptTimeout.")
            .Validate(
                options => options.CircuitBreaker.SamplingDuration >= 2 * options.AttemptTimeout.Timeout,
                "CircuitBreaker.SamplingDuration must be at least twice AttemptTimeout.");
        builder.Services.TryAddSingleton<StandardPipelines>();

        builder.ConfigureHttpClient(client => client.Timeout = Timeout.InfiniteTimeSpan);
        builder.AddHttpMessageHandler(services => new ResilienceHandler(services.GetRequiredService<StandardPipelines>().For(name)));
        return new PipelineBuilder(name, builder.Services);
    }

    public static IHttpStandardResiliencePipelineBuilder AddStandardResilienceHandler(
        this IHttpClientBuilder builder,
        Action<HttpStandardResilienceOptions> configure) =>
        builder.AddStandardResilienceHandler().Configure(configure);

    public static IHttpStandardResiliencePipelineBuilder AddStandardResilienceHandler(
        this IHttpClientBuilder builder,
        IConfigurationSection section) =>
        builder.AddStandardResilienceHandler().Configure(section);

    private sealed record PipelineBuilder(string PipelineName, IServiceCollection Services) : IHttpStandardResiliencePipelineBuilder;
}
