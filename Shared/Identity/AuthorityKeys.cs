using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Protocols;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;

namespace Platform.Identity;

/// <summary>
/// The keys the external authority signs with, through its discovery document: read when first needed, then every
/// <see cref="ExternalOptions.KeysLifetime"/> and when a token names an unknown one. One reads, the others wait for the same
/// answer. While the authority is away the known keys go on; without any, whoever asks within five seconds of a failed try is
/// told at once.
/// </summary>
public sealed partial class AuthorityKeys : IConfigurationManager<OpenIdConnectConfiguration>, IDisposable
{
    private const int LongestDocument = 1 << 20;
    private static readonly TimeSpan RetryWithoutKeys = TimeSpan.FromSeconds(5);

    private readonly Lock _gate = new();
    private readonly HttpClient _client;
    private readonly ExternalOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private volatile Known? _known;
    private Task _reading = Task.CompletedTask;
    private long? _askedAt;

    public AuthorityKeys(IOptions<ExternalOptions> options, TimeProvider time, ILogger<AuthorityKeys> logger)
    {
        (_options, _time, _logger) = (options.Value, time, logger);
        // Not one of the platform's services: no retries that would hold up callers, no trace headers for a third party.
        var handler = new SocketsHttpHandler
        {
            ActivityHeadersPropagator = null, PooledConnectionLifetime = TimeSpan.FromMinutes(2), ConnectTimeout = _options.Timeout,
        };
        _client = new HttpClient(handler) { MaxResponseContentBufferSize = LongestDocument, Timeout = _options.Timeout };
    }

    /// <exception cref="AuthorityUnavailableException">No keys are known, and none can be read.</exception>
    public Task<OpenIdConnectConfiguration> GetConfigurationAsync(CancellationToken cancel)
    {
        if (_known is not { } known)
            return ReadFirstAsync(cancel);
        if (_time.GetElapsedTime(known.ReadAt) >= _options.KeysLifetime)
            _ = ReadAgain(); // Nobody waits for it.
        return known.Task;
    }

    /// <summary>Sees to it that the key is there, if the authority has it.</summary>
    /// <exception cref="AuthorityUnavailableException">No keys are known, and none can be read.</exception>
    public async Task EnsureAsync(string keyId, CancellationToken cancel)
    {
        var configuration = await GetConfigurationAsync(cancel);
        if (configuration.SigningKeys.All(key => key.KeyId != keyId))
            await ReadAgain().WaitAsync(cancel);
    }

    /// <summary>Not needed: <see cref="EnsureAsync"/> comes before a token is verified.</summary>
    public void RequestRefresh()
    {
    }

    public void Dispose() => _client.Dispose();

    private async Task<OpenIdConnectConfiguration> ReadFirstAsync(CancellationToken cancel)
    {
        await ReadAgain().WaitAsync(cancel);
        return _known?.Configuration ?? throw new AuthorityUnavailableException();
    }

    private Task ReadAgain()
    {
        lock (_gate)
        {
            var interval = _known is null ? RetryWithoutKeys : _options.KeysMinInterval;
            if (_reading.IsCompleted && !(_askedAt is { } asked && _time.GetElapsedTime(asked) < interval))
            {
                _askedAt = _time.GetTimestamp();
                // Not part of the request that happened to come first, nor ended with it.
                using (ExecutionContext.SuppressFlow())
                    _reading = Task.Run(ReadAsync, CancellationToken.None);
            }
            return _reading;
        }
    }

    private async Task ReadAsync()
    {
        try
        {
            using var timeout = new CancellationTokenSource(_options.Timeout);
            var configuration = await OpenIdConnectConfigurationRetriever.GetAsync(
                $"{_options.Authority!.TrimEnd('/')}/.well-known/openid-configuration",
                new HttpDocumentRetriever(_client) { RequireHttps = _options.RequireHttps }, timeout.Token);
            // Otherwise it is somebody else's document, or the setting is wrong: either way no token would be good.
            if (configuration.Issuer != _options.EffectiveIssuer)
                LogForeign(configuration.Issuer, _options.EffectiveIssuer);
            else if (configuration.SigningKeys.Count == 0)
                LogNone();
            else
                _known = new Known(configuration, _time.GetTimestamp());
        }
        catch (Exception exception)
        {
            // Whatever it was (connection, timeout, not JSON), the known keys stay.
            LogFailed(exception);
        }
    }

    private sealed record Known(OpenIdConnectConfiguration Configuration, long ReadAt)
    {
        public Task<OpenIdConnectConfiguration> Task { get; } = System.Threading.Tasks.Task.FromResult(Configuration);
    }

    [LoggerMessage(2017, LogLevel.Warning, "The external authority's keys can't be read; known ones stay in use")]
    private partial void LogFailed(Exception exception);

    [LoggerMessage(2018, LogLevel.Error, "The external authority calls itself {Issuer}, not {Expected}: set Auth:External:Issuer")]
    private partial void LogForeign(string issuer, string expected);

    [LoggerMessage(2019, LogLevel.Error, "The external authority publishes no signing key")]
    private partial void LogNone();
}
