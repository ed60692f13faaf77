using System.Runtime.CompilerServices;
using System.Threading.Channels;

namespace Aspire.Hosting.Dcp;

/// <summary>Reads what an instance prints from the orchestrator, through all its lives.</summary>
internal static class DcpLogReader
{
    private static readonly string[] ProcessSources = ["stdout", "stderr", "system"];
    private static readonly string[] ContainerSources = ["startup_stdout", "startup_stderr", "stdout", "stderr", "system"];

    public static async IAsyncEnumerable<(string Content, bool IsError)> ReadAsync(
        DcpClient client, Workload workload, bool follow, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        string? read = null;
        do
        {
            read = follow ? await workload.WaitForLogAsync(read, cancellationToken) : workload.LoggedUid;
            if (read is null)
                yield break;

            var lines = Channel.CreateUnbounded<(string, bool)>();
            var sources = workload.Plural == DcpClient.Containers ? ContainerSources : ProcessSources;
            var pumps =
                Task.WhenAll(sources.Select(source => PumpAsync(client, workload, source, follow, lines.Writer, cancellationToken)));
            _ = pumps.ContinueWith(done => lines.Writer.TryComplete(done.Exception?.InnerException), TaskScheduler.Default);
            await foreach (var line in lines.Reader.ReadAllAsync(cancellationToken))
                yield return line;
        }
        while (follow);
    }

    private static async Task PumpAsync(
        DcpClient client, Workload workload, string source, bool follow,
        ChannelWriter<(string, bool)> writer, CancellationToken cancellationToken)
    {
        try
        {
            await foreach (var line in client.ReadLogAsync(workload.Plural, workload.Name, source, follow, cancellationToken))
                writer.TryWrite((source == "system" ? SystemLine(line) : line, source == "stderr"));
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException)
        {
            // The object, or the orchestrator, is gone.
        }
    }

    /// <summary>The orchestrator's own lines: time, level, logger, message and details, separated by tabs.</summary>
    private static string SystemLine(string line)
    {
        var parts = line.Split('\t', 5);
        return parts.Length < 4 ? $"[sys] {line}" : $"{parts[0]} [sys] {parts[3]}{(parts.Length > 4 ? " " + parts[4] : "")}";
    }
}
