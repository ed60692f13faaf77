namespace Platform.Realtime.Connections;

/// <summary>Marks an endpoint whose requests are long-lived connections.</summary>
/// <param name="Transport"><c>sse</c> or <c>websocket</c>.</param>
internal sealed record RealtimeEndpoint(string Transport)
{
    public const string EventStream = "sse";
    public const string WebSocket = "websocket";
}
