using System.Runtime.CompilerServices;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Dashboard.Protocol;

namespace Aspire.Hosting.Dashboard;

/// <summary>What the dashboard may ask of the host, free of transport.</summary>
internal sealed class ResourceService(
    ResourceFeed feed, ResourceLoggerService loggers, ResourceCommandService commands, string applicationName)
{
    /// <summary>Older dashboards lack parts of the contract.</summary>
    private const string MinDashboardVersion = "13.5.0";

    /// <summary>Characters of log text in one message: gRPC allows 4 MB, and a character takes up to three bytes.</summary>
    private const int MaxBatchCharacters = 1_000_000;

    public Task<ApplicationInformationResponse> GetApplicationInformationAsync(
        ApplicationInformationRequest _, CancellationToken cancellationToken) =>
        Task.FromResult(new ApplicationInformationResponse
        {
            ApplicationName = applicationName,
            MinDashboardVersion = MinDashboardVersion,
        });

    public IAsyncEnumerable<WatchResourcesUpdate> WatchResourcesAsync(WatchResourcesRequest _, CancellationToken cancellationToken) =>
        feed.WatchAsync(cancellationToken);

    public async IAsyncEnumerable<WatchResourceConsoleLogsUpdate> WatchConsoleLogsAsync(
        WatchResourceConsoleLogsRequest request, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var batches = request.SuppressFollow ? loggers.GetAllAsync(request.ResourceName) : loggers.WatchAsync(request.ResourceName);
        await foreach (var lines in batches.WithCancellation(cancellationToken))
        {
            var update = new WatchResourceConsoleLogsUpdate();
            var characters = 0;
            foreach (var line in lines)
            {
                if (characters + line.Content.Length > MaxBatchCharacters && update.LogLines.Count > 0)
                {
                    yield return update;
                    update = new WatchResourceConsoleLogsUpdate();
                    characters = 0;
                }
                var text = line.Content.Length <= MaxBatchCharacters ? line.Content : line.Content[..MaxBatchCharacters];
                update.LogLines.Add(new ConsoleLogLine { LineNumber = line.LineNumber, Text = text, IsStdErr = line.IsErrorMessage });
                characters += text.Length;
            }
            if (update.LogLines.Count > 0) yield return update;
        }
    }

    public async Task<ResourceCommandResponse> ExecuteCommandAsync(ResourceCommandRequest request, CancellationToken cancellationToken)
    {
        // The dashboard names the instance; a command on it must not reach its sibling replicas.
        var result = await commands.ExecuteCommandAsync(request.ResourceName, request.CommandName, cancellationToken);
        var response = new ResourceCommandResponse
        {
            Kind = result.Canceled ? ResourceCommandResponseKind.Cancelled
                : result.Success ? ResourceCommandResponseKind.Succeeded
                : ResourceCommandResponseKind.Failed,
        };
        if (result.ErrorMessage is { Length: > 0 } error) response.ErrorMessage = error;
        if ((result.Message ?? result.ErrorMessage) is { Length: > 0 } message) response.Message = message;
        return response;
    }
}
