namespace Platform.Web.Backend;

/// <summary>Names of the HTTP clients, one for each way of talking to a service.</summary>
internal static class BackendClients
{
    /// <summary>Short calls to the API.</summary>
    public const string Api = "api";

    /// <summary>Streams through to the API: uploads and downloads, as long as they take.</summary>
    public const string Transfer = "api-transfer";

    /// <summary>The event stream.</summary>
    public const string Realtime = "realtime";
}
