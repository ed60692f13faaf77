using Microsoft.Extensions.DependencyInjection;

namespace Microsoft.Extensions.Http.Resilience;

/// <summary>Configures the standard pipeline of one client, or of the defaults.</summary>
public interface IHttpStandardResiliencePipelineBuilder
{
    /// <summary>The name of the pipeline's options.</summary>
    string PipelineName { get; }

    IServiceCollection Services { get; }
}
