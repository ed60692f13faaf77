using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;

namespace Microsoft.Extensions.Http.Resilience;

public static class HttpStandardResiliencePipelineBuilderExtensions
{
    public static IHttpStandardResiliencePipelineBuilder Configure(
        this IHttpStandardResiliencePipelineBuilder builder,
        Action<HttpStandardResilienceOptions> configure)
    {
        builder.Services.Configure(builder.PipelineName, configure);
        return builder;
    }

    public static IHttpStandardResiliencePipelineBuilder Configure(
        this IHttpStandardResiliencePipelineBuilder builder,
        IConfigurationSection section)
    {
        builder.Services.Configure<HttpStandardResilienceOptions>(builder.PipelineName, section);
        return builder;
    }

    /// <summary>One pipeline, with a circuit of its own, for each scheme, host and port: one broken service doesn't block the others.</summary>
    public static IHttpStandardResiliencePipelineBuilder SelectPipelineByAuthority(this IHttpStandardResiliencePipelineBuilder builder)
    {
        builder.Services.Configure<PipelineSelection>(builder.PipelineName, selection => selection.ByAuthority = true);
        return builder;
    }
}
