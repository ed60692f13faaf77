using System.Text.Json;

namespace Aspire.Hosting.Publishing;

/// <summary>Given to whatever writes a part of the manifest.</summary>
/// <param name="executionContext">Always one of publishing.</param>
/// <param name="manifestPath">Full path of the manifest.</param>
/// <param name="writer">Stands inside the object of the resource being written.</param>
/// <param name="cancellationToken">Ends with the publishing.</param>
public sealed class ManifestPublishingContext(
    DistributedApplicationExecutionContext executionContext, string manifestPath, Utf8JsonWriter writer,
    CancellationToken cancellationToken = default)
{
    /// <summary>Always one of publishing.</summary>
    public DistributedApplicationExecutionContext ExecutionContext { get; } = executionContext;

    /// <summary>Full path of the manifest.</summary>
    public string ManifestPath { get; } = manifestPath;

    /// <summary>Stands inside the object of the resource being written.</summary>
    public Utf8JsonWriter Writer { get; } = writer;

    /// <summary>Ends with the publishing.</summary>
    public CancellationToken CancellationToken { get; } = cancellationToken;

    /// <summary>The path as seen from the manifest's folder, with forward slashes: the manifest is the same on every system.</summary>
    public string GetManifestRelativePath(string path) => Path
        .GetRelativePath(Path.GetDirectoryName(Path.GetFullPath(ManifestPath))!, Path.GetFullPath(path))
        .Replace(Path.DirectorySeparatorChar, '/');
}
