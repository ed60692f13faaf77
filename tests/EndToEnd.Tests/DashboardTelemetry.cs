using System.Net.Http.Json;
using System.Text.Json;
using Aspire.Hosting.ApplicationModel;

namespace Platform.EndToEnd.Tests;

/// <summary>Reads what the dashboard has received, through its telemetry API.</summary>
internal sealed class DashboardTelemetry : IDisposable
{
    private readonly HttpClient _client;

    private DashboardTelemetry(HttpClient client) => _client = client;

    /// <summary>Finds address and key of this run's dashboard where the orchestrator keeps them: in its environment.</summary>
    public static async Task<DashboardTelemetry> OpenAsync(PlatformFixture platform)
    {
        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(30));
        var seen = await platform.Application.ResourceNotifications.WaitForResourceAsync(
            "aspire-dashboard", resource => resource.Snapshot.State?.Text == KnownResourceStates.Running, timeout.Token);
        var environment = seen.Snapshot.EnvironmentVariables.ToDictionary(variable => variable.Name, variable => variable.Value);
        var client = new HttpClient { BaseAddress = new Uri(environment["ASPNETCORE_URLS"]!), Timeout = TimeSpan.FromSeconds(10) };
        client.DefaultRequestHeaders.Add("x-api-key", environment["DASHBOARD__API__PRIMARYAPIKEY"]);
        return new DashboardTelemetry(client);
    }

    /// <summary>All spans of a trace, or of a resource.</summary>
    public async Task<IReadOnlyList<Span>> SpansAsync(string query)
    {
        var answer = await _client.GetFromJsonAsync<JsonElement>($"/api/telemetry/spans?limit=5000&{query}");
        return
        [
            .. from resource in answer.GetProperty("data").GetProperty("resourceSpans").EnumerateArray()
               let service = Attributes(resource.GetProperty("resource"))["service.name"]
               from scope in resource.GetProperty("scopeSpans").EnumerateArray()
               from span in scope.GetProperty("spans").EnumerateArray()
               select new Span(
                   service, span.GetProperty("name").GetString()!, span.GetProperty("traceId").GetString()!,
                   span.GetProperty("spanId").GetString()!, span.TryGetProperty("parentSpanId", out var parent) ? parent.GetString() : null,
                   Attributes(span)),
        ];
    }

    /// <summary>How many log records of a resource there are, at most 100.</summary>
    public async Task<int> CountLogsAsync(string resource)
    {
        var answer = await _client.GetFromJsonAsync<JsonElement>($"/api/telemetry/logs?limit=100&resource={resource}");
        return answer.GetProperty("data").GetProperty("resourceLogs").EnumerateArray()
            .SelectMany(logs => logs.GetProperty("scopeLogs").EnumerateArray())
            .Sum(scope => scope.GetProperty("logRecords").GetArrayLength());
    }

    public void Dispose() => _client.Dispose();

    private static Dictionary<string, string> Attributes(JsonElement owner) =>
        owner.TryGetProperty("attributes", out var attributes)
            ? attributes.EnumerateArray().GroupBy(attribute => attribute.GetProperty("key").GetString()!)
                .ToDictionary(group => group.Key, group => group.Last().GetProperty("value").EnumerateObject().First().Value.ToString())
            : [];
}

/// <summary>One span as the dashboard has it.</summary>
internal sealed record Span(
    string Service, string Name, string TraceId, string SpanId, string? ParentId, IReadOnlyDictionary<string, string> Attributes);
