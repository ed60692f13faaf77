using System.Buffers.Binary;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using Aspire.Hosting.Dashboard;
using Google.Protobuf;

namespace Aspire.Hosting.Tests.Dashboard;

/// <summary>Speaks gRPC with nothing but an HTTP/2 client, as the dashboard does with a library.</summary>
internal sealed class GrpcTestClient(Uri address, string? apiKey) : IDisposable
{
    private readonly HttpClient _http = new() { BaseAddress = address, Timeout = TimeSpan.FromSeconds(30) };

    public void Dispose() => _http.Dispose();

    /// <summary>Calls a method that answers with one message.</summary>
    /// <exception cref="GrpcCallException">The status was not OK.</exception>
    public async Task<T> CallAsync<T>(string method, IMessage request, MessageParser<T> parser, string? timeout = null)
        where T : IMessage<T>
    {
        using var call = await OpenAsync(method, Frame(request), timeout);
        var message = await call.ReadAsync(parser, default);
        Assert.NotNull(message);
        Assert.Null(await call.ReadAsync(parser, default));
        return message;
    }

    public async IAsyncEnumerable<T> StreamAsync<T>(
        string method, IMessage request, MessageParser<T> parser, [EnumeratorCancellation] CancellationToken cancellationToken = default)
        where T : class, IMessage<T>
    {
        using var call = await OpenAsync(method, Frame(request), cancellationToken: cancellationToken);
        while (await call.ReadAsync(parser, cancellationToken) is { } message) yield return message;
    }

    public async Task<Call> OpenAsync(
        string method, byte[] body, string? timeout = null, string contentType = "application/grpc",
        CancellationToken cancellationToken = default)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, $"/aspire.v1.DashboardService/{method}")
        {
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionExact,
            Content = new ByteArrayContent(body) { Headers = { ContentType = new MediaTypeHeaderValue(contentType) } },
        };
        request.Headers.TE.Add(new TransferCodingWithQualityHeaderValue("trailers"));
        if (apiKey is not null) request.Headers.Add(ResourceServiceServer.ApiKeyHeader, apiKey);
        if (timeout is not null) request.Headers.Add("grpc-timeout", timeout);
        return new Call(await _http.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, cancellationToken));
    }

    public static byte[] Frame(IMessage message)
    {
        var frame = new byte[5 + message.CalculateSize()];
        BinaryPrimitives.WriteUInt32BigEndian(frame.AsSpan(1), (uint)(frame.Length - 5));
        message.WriteTo(frame.AsSpan(5));
        return frame;
    }

    internal sealed class Call(HttpResponseMessage response) : IDisposable
    {
        private Stream? _body;

        public HttpResponseMessage Response => response;

        public void Dispose() => response.Dispose();

        /// <summary>The next message; null after the last one.</summary>
        /// <exception cref="GrpcCallException">The status was not OK.</exception>
        public async Task<T?> ReadAsync<T>(MessageParser<T> parser, CancellationToken cancellationToken) where T : IMessage<T>
        {
            Assert.Equal(HttpStatusCode.OK, response.StatusCode);
            Assert.Equal("application/grpc", response.Content.Headers.ContentType?.MediaType);
            _body ??= await response.Content.ReadAsStreamAsync(cancellationToken);
            var prefix = new byte[5];
            if (await _body.ReadAtLeastAsync(prefix, 5, throwOnEndOfStream: false, cancellationToken) < 5)
            {
                // A call that fails before its first message may carry the status in the headers instead.
                var status = int.Parse(Header("grpc-status")!, CultureInfo.InvariantCulture);
                return status == 0 ? default : throw new GrpcCallException(status, Uri.UnescapeDataString(Header("grpc-message") ?? ""));
            }
            Assert.Equal(0, prefix[0]);
            var payload = new byte[BinaryPrimitives.ReadUInt32BigEndian(prefix.AsSpan(1))];
            await _body.ReadExactlyAsync(payload, cancellationToken);
            return parser.ParseFrom(payload);
        }

        private string? Header(string name) =>
            response.TrailingHeaders.TryGetValues(name, out var trailers) ? trailers.Single()
            : response.Headers.TryGetValues(name, out var headers) ? headers.Single()
            : null;
    }
}

internal sealed class GrpcCallException(int status, string message) : Exception(message)
{
    public int Status { get; } = status;
}
