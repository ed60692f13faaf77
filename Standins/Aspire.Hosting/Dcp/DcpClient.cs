using System.Net;
using System.Net.Http.Headers;
using System.Net.Http.Json;
using System.Net.Security;
using System.Runtime.CompilerServices;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Aspire.Hosting.Dcp.Model;

namespace Aspire.Hosting.Dcp;

/// <summary>Speaks the orchestrator's Kubernetes-like REST API.</summary>
internal sealed class DcpClient : IDisposable
{
    public const string ApiVersion = "usvc-dev.developer.microsoft.com/v1";
    public const string Executables = "executables";
    public const string Containers = "containers";
    public const string Networks = "containernetworks";
    public const string Services = "services";

    public static readonly JsonSerializerOptions Json = new(
        JsonSerializerDefaults.Web) { DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull };

    private static readonly TimeSpan RequestTimeout = TimeSpan.FromSeconds(20);
    private readonly HttpClient _http;

    public DcpClient(Kubeconfig config)
    {
        var authority = X509Certificate2.CreateFromPem(Encoding.ASCII.GetString(config.CertificateAuthority));
        _http = new HttpClient(new SocketsHttpHandler
        {
            UseProxy = false,
            EnableMultipleHttp2Connections = true,
            SslOptions = new SslClientAuthenticationOptions
            {
                RemoteCertificateValidationCallback = (_, certificate, _, _) => IsIssuedBy(authority, certificate),
            },
        })
        {
            BaseAddress = config.Server,
            Timeout = Timeout.InfiniteTimeSpan,
            DefaultRequestVersion = HttpVersion.Version20,
        };
        _http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", config.Token);
    }

    public async Task<DcpObject<TSpec, TStatus>> CreateAsync<TSpec, TStatus>(
        string plural, DcpObject<TSpec, TStatus> created, CancellationToken cancellationToken) where TSpec : class where TStatus : class
    {
        using var response = await SendAsync(
            () => new HttpRequestMessage(
                HttpMethod.Post, Path(plural)) { Content = JsonContent.Create(created, options: Json) }, cancellationToken);
        await EnsureSuccessAsync(response, $"create {created.Kind} '{created.Name}'", cancellationToken);
        return (await response.Content.ReadFromJsonAsync<DcpObject<TSpec, TStatus>>(Json, cancellationToken))!;
    }

    /// <summary>Null when there is no such object.</summary>
    public async Task<DcpObject<TSpec, TStatus>?> GetAsync<TSpec, TStatus>(string plural, string name, CancellationToken cancellationToken)
        where TSpec : class where TStatus : class
    {
        using var response = await SendAsync(() => new HttpRequestMessage(HttpMethod.Get, Path(plural, name)), cancellationToken);
        if (response.StatusCode == HttpStatusCode.NotFound)
            return null;
        await EnsureSuccessAsync(response, $"get '{name}'", cancellationToken);
        return await response.Content.ReadFromJsonAsync<DcpObject<TSpec, TStatus>>(Json, cancellationToken);
    }

    /// <summary>False when there is no such object.</summary>
    public async Task<bool> StopAsync(string plural, string name, CancellationToken cancellationToken)
    {
        using var response = await SendAsync(
            () => Patch(Path(plural, name), """{"spec":{"stop":true}}"""), cancellationToken);
        if (response.StatusCode == HttpStatusCode.NotFound)
            return false;
        await EnsureSuccessAsync(response, $"stop '{name}'", cancellationToken);
        return true;
    }

    public async Task DeleteAsync(string plural, string name, CancellationToken cancellationToken)
    {
        using var response = await SendAsync(() => new HttpRequestMessage(HttpMethod.Delete, Path(plural, name)), cancellationToken);
        if (response.StatusCode != HttpStatusCode.NotFound)
            await EnsureSuccessAsync(response, $"delete '{name}'", cancellationToken);
    }

    /// <summary>All objects of a kind as added, then every change, until the connection ends.</summary>
    public async IAsyncEnumerable<DcpWatchEvent<DcpObject<TSpec, TStatus>>> WatchAsync<TSpec, TStatus>(
        string plural, [EnumeratorCancellation] CancellationToken cancellationToken) where TSpec : class where TStatus : class
    {
        await foreach (var line in ReadLinesAsync($"{Path(plural)}?watch=true", cancellationToken))
        {
            if (line.Length > 0
                && JsonSerializer.Deserialize<DcpWatchEvent<DcpObject<TSpec, TStatus>>>(line, Json) is { Type: not "ERROR" } change)
                yield return change;
        }
    }

    /// <summary>What an object printed to one source, each line with its time.</summary>
    public IAsyncEnumerable<string> ReadLogAsync(
        string plural, string name, string source, bool follow, CancellationToken cancellationToken) =>
        ReadLinesAsync($"{Path(plural, name)}/log?source={source}&follow={(follow ? "true" : "false")}&timestamps=true", cancellationToken);

    /// <summary>The orchestrator's own state.</summary>
    public async Task<string?> GetExecutionStatusAsync(CancellationToken cancellationToken)
    {
        using var response = await _http.GetAsync("/admin/execution", cancellationToken);
        return (await response.Content.ReadFromJsonAsync<Dictionary<string, string>>(cancellationToken))?.GetValueOrDefault("status");
    }

    /// <summary><c>CleaningResources</c> stops everything, <c>Stopping</c> ends the orchestrator as well.</summary>
    public async Task SetExecutionStatusAsync(string status, CancellationToken cancellationToken)
    {
        using var request = Patch("/admin/execution", $$"""{"status":"{{status}}","shutdownResourceCleanup":"Full"}""");
        using var response = await _http.SendAsync(request, cancellationToken);
        await EnsureSuccessAsync(response, $"enter the state '{status}'", cancellationToken);
    }

    public void Dispose() => _http.Dispose();

    private static string Path(string plural, string? name = null) =>
        $"/apis/{ApiVersion}/{plural}" + (name is null ? "" : "/" + Uri.EscapeDataString(name));

    private static HttpRequestMessage Patch(string path, string body) =>
        new(HttpMethod.Patch, path) { Content = new StringContent(body, new MediaTypeHeaderValue("application/merge-patch+json")) };

    private static bool IsIssuedBy(X509Certificate2 authority, X509Certificate? certificate)
    {
        if (certificate is null)
            return false;
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.Add(authority);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        using var presented = new X509Certificate2(certificate);
        return chain.Build(presented);
    }

    private static async Task EnsureSuccessAsync(HttpResponseMessage response, string what, CancellationToken cancellationToken)
    {
        if (!response.IsSuccessStatusCode)
        {
            var body = await response.Content.ReadAsStringAsync(cancellationToken);
            throw new DistributedApplicationException($"The orchestrator refused to {what}: {(int)response.StatusCode} {body}");
        }
    }

    private async IAsyncEnumerable<string> ReadLinesAsync(string path, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        using var response = await _http.GetAsync(path, HttpCompletionOption.ResponseHeadersRead, cancellationToken);
        if (!response.IsSuccessStatusCode)
            yield break;

        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(cancellationToken));
        while (await reader.ReadLineAsync(cancellationToken) is { } line)
            yield return line;
    }

    /// <summary>Repeats on connection errors, which are common while the server comes up, and on conflicts.</summary>
    private async Task<HttpResponseMessage> SendAsync(Func<HttpRequestMessage> request, CancellationToken cancellationToken)
    {
        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(RequestTimeout);
        for (var delay = TimeSpan.FromMilliseconds(50); ; delay = TimeSpan.FromTicks(Math.Min(delay.Ticks * 2, TimeSpan.TicksPerSecond)))
        {
            try
            {
                using var message = request();
                var response = await _http.SendAsync(message, timeout.Token);
                if (response.StatusCode != HttpStatusCode.Conflict || message.Method == HttpMethod.Post)
                    return response;
                response.Dispose();
            }
            catch (HttpRequestException) when (!timeout.IsCancellationRequested)
            {
                // Tried again below.
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                throw new TimeoutException("The orchestrator (dcp) does not answer.");
            }

            try
            {
                await Task.Delay(delay, timeout.Token);
            }
            catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
            {
                throw new TimeoutException("The orchestrator (dcp) does not answer.");
            }
        }
    }
}
