using System.Globalization;
using Google.Protobuf;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Dashboard.Grpc;

/// <summary>Maps the methods of a gRPC service onto Kestrel: framing, deadlines and the status in the trailers.</summary>
/// <param name="routes">The server's routes.</param>
/// <param name="service">Full name of the service, the first part of every path.</param>
/// <param name="logger">Gets what is not told to callers.</param>
/// <param name="stopping">Ends the streams, which would otherwise hold the server up.</param>
internal sealed partial class GrpcEndpoints(IEndpointRouteBuilder routes, string service, ILogger logger, CancellationToken stopping)
{
    private static readonly TimeSpan LongestDeadline = TimeSpan.FromDays(1);

    public void MapUnary<TRequest, TResponse>(
        string method, MessageParser<TRequest> parser, Func<TRequest, CancellationToken, Task<TResponse>> handler)
        where TRequest : class, IMessage<TRequest>
        where TResponse : IMessage =>
        Map(method, async (context, cancellationToken) =>
        {
            var request = await ReadOnlyRequestAsync(context, parser, cancellationToken);
            await GrpcFraming.WriteAsync(context.Response.BodyWriter, await handler(request, cancellationToken), cancellationToken);
        });

    public void MapServerStream<TRequest, TResponse>(
        string method, MessageParser<TRequest> parser, Func<TRequest, CancellationToken, IAsyncEnumerable<TResponse>> handler)
        where TRequest : class, IMessage<TRequest>
        where TResponse : IMessage =>
        Map(method, async (context, cancellationToken) =>
        {
            var request = await ReadOnlyRequestAsync(context, parser, cancellationToken);
            // Headers now: the caller sees the stream open even while there is nothing to send.
            await context.Response.BodyWriter.FlushAsync(cancellationToken);
            await foreach (var response in handler(request, cancellationToken))
                await GrpcFraming.WriteAsync(context.Response.BodyWriter, response, cancellationToken);
        });

    /// <summary>A stream in both directions on which this side never speaks: it lasts as long as the caller's does.</summary>
    public void MapSilentStream<TRequest>(string method, MessageParser<TRequest> parser) where TRequest : class, IMessage<TRequest> =>
        Map(method, async (context, cancellationToken) =>
        {
            await context.Response.BodyWriter.FlushAsync(cancellationToken);
            while (await GrpcFraming.ReadAsync(context.Request.BodyReader, parser, cancellationToken) is not null)
            {
            }
        });

    /// <summary>Answers whatever is not mapped the way a gRPC client expects it.</summary>
    public void MapUnimplemented() => routes.MapFallback("{**path}", context =>
        RunAsync(context, (_, _) => throw new GrpcException(GrpcStatus.Unimplemented, $"{context.Request.Path} is not implemented.")));

    private void Map(string method, Func<HttpContext, CancellationToken, Task> call) =>
        routes.MapPost($"/{service}/{method}", context => RunAsync(context, call));

    private async Task RunAsync(HttpContext context, Func<HttpContext, CancellationToken, Task> call)
    {
        if (context.Request.ContentType?.StartsWith("application/grpc", StringComparison.OrdinalIgnoreCase) is not true)
        {
            context.Response.StatusCode = StatusCodes.Status415UnsupportedMediaType;
            return;
        }
        context.Response.ContentType = "application/grpc";
        context.Response.DeclareTrailer("grpc-status");

        using var deadline = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, stopping);
        var status = GrpcStatus.Ok;
        var message = "";
        try
        {
            if (ReadDeadline(context.Request.Headers["grpc-timeout"].ToString()) is { } timeout) deadline.CancelAfter(timeout);
            await call(context, deadline.Token);
        }
        catch (GrpcException e)
        {
            (status, message) = (e.Status, e.Message);
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested)
        {
            if (context.RequestAborted.IsCancellationRequested) return; // Nobody is left to be told.
            (status, message) = stopping.IsCancellationRequested
                ? (GrpcStatus.Unavailable, "The host is stopping.")
                : (GrpcStatus.DeadlineExceeded, "The deadline has passed.");
        }
        catch (Exception e)
        {
            LogFailed(e, context.Request.Path);
            (status, message) = (GrpcStatus.Unknown, "The host failed to answer; its log has the details.");
        }
        context.Response.AppendTrailer("grpc-status", ((int)status).ToString(CultureInfo.InvariantCulture));
        if (message.Length > 0) context.Response.AppendTrailer("grpc-message", Uri.EscapeDataString(message));
    }

    private static async Task<T> ReadOnlyRequestAsync<T>(HttpContext context, MessageParser<T> parser, CancellationToken cancellationToken)
        where T : class, IMessage<T> =>
        await GrpcFraming.ReadAsync(context.Request.BodyReader, parser, cancellationToken)
        ?? throw new GrpcException(GrpcStatus.Internal, "The request has no message.");

    /// <summary>Digits and a unit: H, M, S, m (ms), u (µs), n (ns). Null when no deadline was asked for.</summary>
    private static TimeSpan? ReadDeadline(string value)
    {
        if (value.Length == 0) return null;
        if (!long.TryParse(value.AsSpan(0, value.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var amount))
            throw new GrpcException(GrpcStatus.InvalidArgument, $"'{value}' is not a grpc-timeout.");
        double seconds = value[^1] switch
        {
            'H' => amount * 3600d,
            'M' => amount * 60d,
            'S' => amount,
            'm' => amount / 1e3,
            'u' => amount / 1e6,
            'n' => amount / 1e9,
            _ => throw new GrpcException(GrpcStatus.InvalidArgument, $"'{value}' is not a grpc-timeout."),
        };
        return seconds < LongestDeadline.TotalSeconds ? TimeSpan.FromSeconds(seconds) : null;
    }

    [LoggerMessage(1, LogLevel.Error, "{Method} failed.")]
    private partial void LogFailed(Exception exception, PathString method);
}
