using Microsoft.Extensions.Options;
using Microsoft.IdentityModel.Tokens;

namespace Platform.Realtime.Security;

/// <summary>
/// The public keys the Api signs access tokens with: fetched when first needed, kept, read anew when they are old or a
/// token names an unknown one. Without the Api the service goes on with the keys it has.
/// </summary>
internal sealed partial class SigningKeys(
    IHttpClientFactory clients, IOptions<RealtimeOptions> options, TimeProvider time, ILogger<SigningKeys> logger)
{
    public const string ClientName = "signing-keys";

    private static readonly TimeSpan LongestFetch = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan RetryWithoutKeys = TimeSpan.FromSeconds(1);

    private readonly Lock _gate = new();
    private volatile JsonWebKey[] _keys = [];
    private Task _fetch = Task.CompletedTask;
    private long _fetched;
    private long? _asked;

    /// <summary>False as long as the Api was never reached: no token can be checked then.</summary>
    public bool Any => _keys.Length > 0;

    /// <summary>The keys of that id; none for an unknown one.</summary>
    public IEnumerable<SecurityKey> Find(string? keyId) => _keys.Where(key => key.KeyId == keyId);

    /// <summary>Sees to it that the key is there, if the Api has it, asking no more often than the settings allow.</summary>
    public Task EnsureAsync(string keyId, CancellationToken cancellationToken)
    {
        var known = _keys.Any(key => key.KeyId == keyId);
        if (known && time.GetElapsedTime(Volatile.Read(ref _fetched)) < options.Value.KeysLifetime)
            return Task.CompletedTask;
        Task fetch;
        lock (_gate)
        {
            if (_fetch.IsCompleted && MayAsk())
            {
                _asked = time.GetTimestamp();
                // Not part of the request that happened to come first: others wait for the same answer.
                using (ExecutionContext.SuppressFlow())
                    _fetch = Task.Run(FetchAsync, CancellationToken.None);
            }
            fetch = _fetch;
        }
        // A known key is only looked after; nobody waits for that.
        return known ? Task.CompletedTask : fetch.WaitAsync(cancellationToken);
    }

    private async Task FetchAsync()
    {
        try
        {
            using var timeout = new CancellationTokenSource(LongestFetch, time);
            using var client = clients.CreateClient(ClientName);
            var text = await client.GetStringAsync(options.Value.KeysUri, timeout.Token);
            var keys = new JsonWebKeySet(text).Keys.Where(key => key.Kty == JsonWebAlgorithmsKeyTypes.EllipticCurve).ToArray();
            if (keys.Length == 0)
            {
                LogNone();
                return;
            }
            _keys = keys;
            Volatile.Write(ref _fetched, time.GetTimestamp());
        }
        catch (Exception e)
        {
            // Whatever it was (connection, timeout, an open circuit, not JSON), the known keys stay.
            LogFailed(e);
        }
    }

    private bool MayAsk() =>
        _asked is not { } asked || time.GetElapsedTime(asked) >= (Any ? options.Value.KeysMinInterval : RetryWithoutKeys);

    [LoggerMessage(4000, LogLevel.Warning, "The keys of access tokens could not be read from the Api; going on with the known ones")]
    private partial void LogFailed(Exception exception);

    [LoggerMessage(4001, LogLevel.Warning, "The Api gave no key of access tokens; going on with the known ones")]
    private partial void LogNone();
}
