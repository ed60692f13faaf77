using System.Net;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Text;
using Microsoft.Extensions.Options;

namespace Platform.Worker.OutgoingWebhooks;

/// <summary>Calls endpoints, with bounds on time and on what is read of the answer. An answer of 2xx has taken the event.</summary>
internal sealed class WebhookCaller(PublicConnections connections, IOptions<OutgoingWebhookOptions> options, TimeProvider time) : IDisposable
{
    private readonly HttpMessageInvoker _client = new(connections.CreateHandler());

    /// <exception cref="OperationCanceledException">The caller's token was cancelled; running out of time is a result.</exception>
    public async Task<DeliveryResult> CallAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        var start = time.GetTimestamp();
        using var timeout = new CancellationTokenSource(options.Value.Timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        HttpStatusCode? status = null;
        try
        {
            if (Refusal(request.RequestUri!) is { } refusal)
                return Result(refusal);
            using var response = await _client.SendAsync(request, either.Token);
            status = response.StatusCode;
            var body = await BeginningAsync(response.Content, either.Token);
            cancellationToken.ThrowIfCancellationRequested();
            var error = response.IsSuccessStatusCode ? null
                : (int)status is >= 300 and < 400 ? $"The endpoint redirected ({(int)status}); redirects aren't followed."
                : $"The endpoint answered {(int)status}.";
            return Result(error) with { Body = body };
        }
        catch (OperationCanceledException) when (timeout.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            return Result($"The endpoint didn't answer within {options.Value.Timeout.TotalSeconds:0.#} s.");
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            return Result(Reason(e));
        }

        DeliveryResult Result(string? error) => new(status, null, error, time.GetElapsedTime(start));
    }

    public void Dispose() => _client.Dispose();

    /// <summary>Without TLS only this machine may be called, and only where that is allowed at all.</summary>
    private string? Refusal(Uri url) =>
        url.Scheme == Uri.UriSchemeHttps || (url.Scheme == Uri.UriSchemeHttp && options.Value.AllowLoopback && url.IsLoopback)
            ? null
            : "The address must begin with https://.";

    // Nothing of the exception's own: it may tell of what is near by.
    private static string Reason(Exception exception) => exception.InnerException switch
    {
        RefusedAddressException refused => refused.Message,
        AuthenticationException => "The endpoint's certificate isn't valid.",
        SocketException { SocketErrorCode: SocketError.HostNotFound or SocketError.NoData or SocketError.TryAgain } => "The name can't be found.",
        SocketException => "The endpoint can't be reached.",
        _ => "The endpoint's answer couldn't be read.",
    };

    /// <summary>What came of it in time: the answer's status counts, whatever becomes of its body.</summary>
    private async Task<string> BeginningAsync(HttpContent content, CancellationToken cancellationToken)
    {
        var length = options.Value.RecordedBody;
        var (bytes, count) = (new byte[length * 4], 0);
        try
        {
            await using var stream = await content.ReadAsStreamAsync(cancellationToken);
            while (count < bytes.Length && await stream.ReadAsync(bytes.AsMemory(count), cancellationToken) is > 0 and var read)
                count += read;
        }
        catch (Exception e) when (e is HttpRequestException or IOException or OperationCanceledException)
        {
            // As far as it came.
        }
        var text = Encoding.UTF8.GetString(bytes, 0, count).Replace('\0', '\uFFFD');
        if (text.Length <= length)
            return text;
        return length > 0 && char.IsHighSurrogate(text[length - 1]) ? text[..(length - 1)] : text[..length];
    }
}
