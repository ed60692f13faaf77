using System.Net;
using System.Security.Cryptography;
using System.Text;
using Aspire.Hosting.Dashboard.Grpc;
using Aspire.Hosting.Dashboard.Protocol;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Dashboard;

/// <summary>The resource service on the loopback interface: HTTP/2 in clear text, behind a key only the dashboard is given.</summary>
internal sealed class ResourceServiceServer : IAsyncDisposable
{
    public const string ApiKeyHeader = "x-resource-service-api-key";

    private const string Service = "aspire.v1.DashboardService";

    private readonly WebApplication _server;

    private ResourceServiceServer(WebApplication server) => _server = server;

    public Uri Address => new(_server.Urls.First());

    /// <param name="service">Answers the calls.</param>
    /// <param name="apiKey">What every call must carry in <see cref="ApiKeyHeader"/>.</param>
    /// <param name="port">0 takes a free one.</param>
    /// <param name="loggers">Where failures are logged.</param>
    /// <param name="cancellationToken">Gives up starting.</param>
    public static async Task<ResourceServiceServer> StartAsync(
        ResourceService service, string apiKey, int port, ILoggerFactory loggers, CancellationToken cancellationToken)
    {
        // Empty: nothing of the application's own configuration (its ASPNETCORE_URLS, say) concerns this server.
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.Services.AddRoutingCore();
        builder.Services.AddSingleton(loggers);
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            // Streams stay silent for as long as nothing changes.
            kestrel.Limits.MinRequestBodyDataRate = null;
            kestrel.Limits.MinResponseDataRate = null;
            kestrel.Limits.MaxRequestBodySize = null;
            kestrel.Listen(IPAddress.Loopback, port, listen => listen.Protocols = HttpProtocols.Http2);
        });

        var server = builder.Build();
        var expected = Digest(apiKey);
        server.Use((context, next) =>
        {
            if (IsKnown(context.Request.Headers[ApiKeyHeader], expected)) return next(context);
            context.Response.ContentType = "application/grpc";
            context.Response.Headers["grpc-status"] = $"{(int)GrpcStatus.Unauthenticated}";
            context.Response.Headers["grpc-message"] = Uri.EscapeDataString("The resource service's key is missing or wrong.");
            return Task.CompletedTask;
        });
        server.UseRouting();
        var logger = loggers.CreateLogger<ResourceServiceServer>();
        Map(new GrpcEndpoints(server, Service, logger, server.Lifetime.ApplicationStopping), service);
        await server.StartAsync(cancellationToken);
        return new ResourceServiceServer(server);
    }

    public async ValueTask DisposeAsync()
    {
        await _server.StopAsync();
        await _server.DisposeAsync();
    }

    private static void Map(GrpcEndpoints endpoints, ResourceService service)
    {
        endpoints.MapUnary("GetApplicationInformation", ApplicationInformationRequest.Parser, service.GetApplicationInformationAsync);
        endpoints.MapServerStream("WatchResources", WatchResourcesRequest.Parser, service.WatchResourcesAsync);
        endpoints.MapServerStream("WatchResourceConsoleLogs", WatchResourceConsoleLogsRequest.Parser, service.WatchConsoleLogsAsync);
        endpoints.MapUnary("ExecuteResourceCommand", ResourceCommandRequest.Parser, service.ExecuteCommandAsync);
        endpoints.MapSilentStream("WatchInteractions", WatchInteractionsRequestUpdate.Parser);
        endpoints.MapUnimplemented();
    }

    /// <summary>Digests have one length, so that the comparison takes the same time whatever was sent.</summary>
    private static bool IsKnown(Microsoft.Extensions.Primitives.StringValues sent, byte[] expected) =>
        sent.Count == 1 && CryptographicOperations.FixedTimeEquals(Digest(sent.ToString()), expected);

    private static byte[] Digest(string key) => SHA256.HashData(Encoding.UTF8.GetBytes(key));
}
