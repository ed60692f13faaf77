using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Aspire.Hosting.Parameters;
using Microsoft.Extensions.Configuration;

namespace Aspire.Hosting.Dashboard;

/// <summary>Addresses and keys of the dashboard for this run.</summary>
internal sealed record DashboardSettings
{
    /// <summary>The user interface and the telemetry API; usually one address.</summary>
    public required IReadOnlyList<Uri> FrontendUrls { get; init; }

    /// <summary>Takes telemetry over gRPC.</summary>
    public required Uri? OtlpGrpcUrl { get; init; }

    /// <summary>Takes telemetry over HTTP.</summary>
    public required Uri? OtlpHttpUrl { get; init; }

    /// <summary>The resource service's own port; 0 takes a free one.</summary>
    public required int ResourceServicePort { get; init; }

    /// <summary>Signs a browser in.</summary>
    public required string BrowserToken { get; init; }

    /// <summary>The dashboard shows it to the resource service.</summary>
    public required string ResourceServiceApiKey { get; init; }

    /// <summary>Services show it to the dashboard with their telemetry.</summary>
    public required string OtlpApiKey { get; init; }

    /// <summary>Callers of the telemetry API show it to the dashboard.</summary>
    public required string ApiKey { get; init; }

    /// <summary>No sign-in and no keys; for demonstrations on one's own machine.</summary>
    public required bool Unsecured { get; init; }

    /// <summary>Handed through to the dashboard as they are.</summary>
    public required IReadOnlyDictionary<string, string> Extra { get; init; }

    public Uri LoginUrl => Unsecured ? FrontendUrls[0] : new Uri(FrontendUrls[0], $"login?t={BrowserToken}");

    /// <exception cref="DistributedApplicationException">An address is not one, or plain HTTP is not allowed.</exception>
    public static DashboardSettings From(IConfiguration configuration, UserSecretsStore? secrets)
    {
        var unsecuredTransport = configuration.GetValue("ASPIRE_ALLOW_UNSECURED_TRANSPORT", false);
        var randomPorts = configuration.GetValue("DcpPublisher:RandomizePorts", false);

        Uri Address(string key, string value)
        {
            if (!Uri.TryCreate(value, UriKind.Absolute, out var url) || url.Scheme is not ("http" or "https"))
                throw new DistributedApplicationException($"{key} has '{value}', which is not an http or https address.");
            if (url.Scheme == "http" && !unsecuredTransport)
                throw new DistributedApplicationException(
                    $"{key} has '{value}': plain HTTP needs ASPIRE_ALLOW_UNSECURED_TRANSPORT=true, best in the AppHost's launch profile.");
            return randomPorts || url.Port == 0 ? new UriBuilder(url) { Port = FreePort() }.Uri : url;
        }

        Uri? Optional(string key) =>
            (configuration[key] ?? configuration[key.Replace("ASPIRE_", "DOTNET_", StringComparison.Ordinal)]) is { Length: > 0 } value
                ? Address(key, value)
                : null;

        string Remembered(string key) => configuration[key] ?? secrets?.GetOrSet(key, NewKey) ?? NewKey();

        var scheme = unsecuredTransport ? "http" : "https";
        var urls = (configuration["ASPNETCORE_URLS"] ?? configuration["URLS"] ?? $"{scheme}://localhost:0")
            .Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
        var grpc = Optional("ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL");
        var http = Optional("ASPIRE_DASHBOARD_OTLP_HTTP_ENDPOINT_URL");
        if (grpc is null && http is null) (grpc, http) = (Free(scheme), Free(scheme));

        return new DashboardSettings
        {
            FrontendUrls = [.. urls.Select(url => Address("ASPNETCORE_URLS", url))],
            OtlpGrpcUrl = grpc,
            OtlpHttpUrl = http,
            ResourceServicePort = Optional("ASPIRE_RESOURCE_SERVICE_ENDPOINT_URL")?.Port ?? 0,
            BrowserToken = configuration["ASPIRE_DASHBOARD_FRONTEND_BROWSERTOKEN"] ?? NewKey(),
            ResourceServiceApiKey = configuration["ASPIRE_DASHBOARD_RESOURCESERVICE_APIKEY"] ?? NewKey(),
            OtlpApiKey = Remembered("AppHost:OtlpApiKey"),
            ApiKey = Remembered("AppHost:DashboardApiKey"),
            Unsecured = configuration.GetValue("ASPIRE_DASHBOARD_UNSECURED_ALLOW_ANONYMOUS", false),
            Extra = configuration.GetChildren()
                .Where(setting => setting.Value is not null && setting.Key.StartsWith("ASPIRE_DASHBOARD_", StringComparison.OrdinalIgnoreCase))
                .ToDictionary(setting => setting.Key, setting => setting.Value!),
        };
    }

    /// <summary>The dashboard's environment.</summary>
    public IEnumerable<KeyValuePair<string, string>> ToEnvironment(Uri resourceService)
    {
        foreach (var extra in Extra) yield return extra;

        yield return new("ASPNETCORE_ENVIRONMENT", "Production");
        yield return new("ASPNETCORE_URLS", string.Join(';', FrontendUrls.Select(Text)));
        yield return new("DASHBOARD__FRONTEND__PUBLICURL", Text(FrontendUrls[0]));
        if (OtlpGrpcUrl is not null) yield return new("ASPIRE_DASHBOARD_OTLP_ENDPOINT_URL", Text(OtlpGrpcUrl));
        if (OtlpHttpUrl is not null) yield return new("ASPIRE_DASHBOARD_OTLP_HTTP_ENDPOINT_URL", Text(OtlpHttpUrl));

        yield return new("ASPIRE_RESOURCE_SERVICE_ENDPOINT_URL", Text(resourceService));
        yield return new("DASHBOARD__RESOURCESERVICECLIENT__AUTHMODE", "ApiKey");
        yield return new("DASHBOARD__RESOURCESERVICECLIENT__APIKEY", ResourceServiceApiKey);

        yield return new("DASHBOARD__FRONTEND__AUTHMODE", Unsecured ? "Unsecured" : "BrowserToken");
        yield return new("DASHBOARD__OTLP__AUTHMODE", Unsecured ? "Unsecured" : "ApiKey");
        yield return new("DASHBOARD__API__AUTHMODE", Unsecured ? "Unsecured" : "ApiKey");
        if (!Unsecured)
        {
            yield return new("DASHBOARD__FRONTEND__BROWSERTOKEN", BrowserToken);
            yield return new("DASHBOARD__OTLP__PRIMARYAPIKEY", OtlpApiKey);
            yield return new("DASHBOARD__API__PRIMARYAPIKEY", ApiKey);
        }
        yield return new("ASPIRE_DASHBOARD_API_ENABLED", "true");
        // One object a line, which DashboardLog reads.
        yield return new("LOGGING__CONSOLE__FORMATTERNAME", "json");

        // It starts beside the services: profiling its code would take the processor from them.
        yield return new("DOTNET_TieredPGO", "0");
    }

    internal static string Text(Uri url) => url.GetLeftPart(UriPartial.Authority);

    /// <summary>
    /// A port nobody listens on. Below those the system gives out by itself, so that no connection made before the dashboard
    /// listens takes it.
    /// </summary>
    internal static int FreePort()
    {
        while (true)
        {
            var port = RandomNumberGenerator.GetInt32(20_000, 32_000);
            if (IsFree(port)) return port;
        }
    }

    internal static bool IsFree(int port)
    {
        try
        {
            using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
            // As Kestrel does: a port in TIME_WAIT is free.
            if (!OperatingSystem.IsWindows()) socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.ReuseAddress, true);
            socket.Bind(new IPEndPoint(IPAddress.Loopback, port));
            return true;
        }
        catch (SocketException e) when (e.SocketErrorCode is SocketError.AddressAlreadyInUse or SocketError.AccessDenied)
        {
            return false;
        }
    }

    private static string NewKey() => RandomNumberGenerator.GetHexString(32, lowercase: true);

    private static Uri Free(string scheme) => new UriBuilder(scheme, "localhost", FreePort()).Uri;
}
