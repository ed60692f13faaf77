using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.Logging;

namespace Platform.ServiceDefaults.Tests;

/// <summary>Receives OTLP over gRPC, as the dashboard does, and keeps the protobuf messages; their strings are readable in it.</summary>
internal sealed class OtlpCollector : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly ConcurrentQueue<(string Service, string Headers, string Body)> _received = new();

    private OtlpCollector()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(server =>
            server.Listen(System.Net.IPAddress.Loopback, 0, endpoint => endpoint.Protocols = HttpProtocols.Http2));
        _app = builder.Build();
        _app.MapPost("/{service}/Export", ReceiveAsync);
    }

    public string Address => _app.Urls.First();

    public string Headers => string.Join('\n', _received.Select(message => message.Headers));

    public static async Task<OtlpCollector> StartAsync()
    {
        var collector = new OtlpCollector();
        await collector._app.StartAsync();
        return collector;
    }

    /// <summary>All messages of one signal, as text: traces, metrics or logs.</summary>
    public string Received(string signal) => string.Concat(_received
        .Where(message => message.Service.Contains($".{signal}.", StringComparison.Ordinal))
        .Select(message => message.Body));

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    private async Task ReceiveAsync(HttpContext context)
    {
        // In the same process as the service under test: what the collector does itself is none of the findings.
        if (context.Features.Get<IHttpActivityFeature>() is { Activity: { } activity })
            activity.ActivityTraceFlags &= ~ActivityTraceFlags.Recorded;

        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        var headers = string.Join('\n', context.Request.Headers.Select(header => $"{header.Key}={header.Value}"));
        _received.Enqueue((context.Request.Path, headers, Encoding.UTF8.GetString(body.ToArray())));

        // An empty response message, framed, and the status in the trailer.
        context.Response.ContentType = "application/grpc";
        await context.Response.Body.WriteAsync(new byte[5]);
        context.Response.AppendTrailer("grpc-status", "0");
    }
}
