namespace Microsoft.Extensions.Http.Resilience;

internal sealed class PipelineSelection
{
    public bool ByAuthority { get; set; }
}
