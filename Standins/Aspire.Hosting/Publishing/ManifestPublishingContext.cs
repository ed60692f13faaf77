using System.Text.Json;
using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Publishing;

/// <summary>Given to what writes itself to the manifest.</summary>
public sealed class ManifestPublishingContext(
    DistributedApplicationExecutionContext executionContext, string manifestPath, Utf8JsonWriter writer, CancellationToken cancellationToken = default)
{
    /// <summary>Run or publish.</summary>
    public DistributedApplicationExecutionContext ExecutionContext { get; } = executionContext;

    /// <summary>Paths in the manifest are relative to its folder.</summary>
    public string ManifestPath { get; } = manifestPath;

    /// <summary>Writes the manifest.</summary>
    public Utf8JsonWriter Writer { get; } = writer;

    /// <summary>Publishing was given up.</summary>
    public CancellationToken CancellationToken { get; } = cancellationToken;
}
