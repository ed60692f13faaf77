using System.Text.Encodings.Web;
using System.Text.Json;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Publishing;

/// <summary>Writes the manifest to where <c>--output-path</c> says.</summary>
internal sealed partial class ManifestPublisher(
    IConfiguration configuration, DistributedApplicationExecutionContext executionContext, ILogger<ManifestPublisher> logger)
    : IPublisher
{
    private static readonly JsonWriterOptions Options = new()
    {
        Indented = true,
        // Nothing here ends up in a page, and `&` and `+` occur in connection strings people read.
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
    };

    public async Task PublishAsync(DistributedApplicationModel model, CancellationToken cancellationToken)
    {
        var path = OutputPath();
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        // A reader never sees half a manifest, and a failed publish leaves the last one.
        var unfinished = path + ".tmp";
        try
        {
            await using (var stream = File.Create(unfinished))
            await using (var writer = new Utf8JsonWriter(stream, Options))
            {
                await new ManifestWriter(new ManifestPublishingContext(executionContext, path, writer, cancellationToken)).WriteAsync(model);
                await stream.WriteAsync("\n"u8.ToArray(), cancellationToken);
            }
            File.Move(unfinished, path, overwrite: true);
        }
        finally
        {
            File.Delete(unfinished);
        }
        LogPublished(path);
    }

    private string OutputPath()
    {
        var configured = configuration["Pipeline:OutputPath"] ?? configuration["Publishing:OutputPath"];
        if (string.IsNullOrWhiteSpace(configured))
            throw new DistributedApplicationException("The manifest needs a place: add --output-path FILE.");
        var path = Path.GetFullPath(configured);
        return path.EndsWith(".json", StringComparison.OrdinalIgnoreCase) ? path : Path.Combine(path, "aspire-manifest.json");
    }

    [LoggerMessage(1, LogLevel.Information, "Published the manifest to {Path}.")]
    private partial void LogPublished(string path);
}
