using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Security.Claims;
using System.Security.Cryptography;
using System.Text;
using Microsoft.IdentityModel.Protocols.OpenIdConnect;
using Microsoft.IdentityModel.Tokens;

namespace Platform.Api.Features.Auth;

/// <summary>
/// Remembers tokens whose signature was found good, so that it is computed once a token and not once a request. In place of one
/// scheme's token handler, which it asks. What else a token is refused for, its expiry, its key having been retired, whatever
/// <c>OnTokenValidated</c> looks at, is looked at in each request still.
/// </summary>
/// <param name="inner">Verifies.</param>
/// <param name="capacity">Tokens remembered at most; the ones used least recently are forgotten first.</param>
internal sealed class VerifiedTokens(TokenHandler inner, int capacity, TimeProvider time) : TokenHandler
{
    // Beyond, a token isn't one of this platform; verifying it is the caller's own trouble.
    private const int MaxLength = 4096;

    // Two generations: what is used moves to the young one, and when that is full the old one is dropped.
    private readonly Lock _gate = new();
    private ConcurrentDictionary<Digest, VerifiedToken> _young = new(), _old = new();
    private int _youngCount;

    public override async Task<TokenValidationResult> ValidateTokenAsync(string token, TokenValidationParameters validationParameters)
    {
        var result = await inner.ValidateTokenAsync(token, validationParameters);
        if (result is { IsValid: true, SecurityToken: { SigningKey: { } key } verified } && TryDigest(token, out var digest))
            Keep(digest, new VerifiedToken(result.ClaimsIdentity, verified, key, verified.ValidTo + validationParameters.ClockSkew));
        return result;
    }

    public override async Task<TokenValidationResult> ValidateTokenAsync(SecurityToken token, TokenValidationParameters validationParameters) =>
        await inner.ValidateTokenAsync(token, validationParameters);

    public override SecurityToken ReadToken(string token) => inner.ReadToken(token);

    /// <param name="configuration">The keys that are good now; null when the scheme's keys never change.</param>
    public bool TryGet(ReadOnlySpan<char> token, OpenIdConnectConfiguration? configuration, [NotNullWhen(true)] out VerifiedToken? verified)
    {
        if (!TryDigest(token, out var digest) || !(_young.TryGetValue(digest, out verified) || TryRenew(digest, out verified)))
        {
            verified = null;
            return false;
        }
        if (time.GetUtcNow().UtcDateTime < verified.EndsAt && verified.IsSignedByOneOf(configuration))
            return true;
        _young.TryRemove(digest, out _);
        return false;
    }

    private bool TryRenew(Digest digest, [NotNullWhen(true)] out VerifiedToken? verified)
    {
        if (!_old.TryRemove(digest, out verified))
            return false;
        Keep(digest, verified);
        return true;
    }

    private void Keep(Digest digest, VerifiedToken verified)
    {
        _young[digest] = verified;
        if (Interlocked.Increment(ref _youngCount) <= capacity / 2)
            return;
        lock (_gate)
        {
            if (_youngCount <= capacity / 2)
                return;
            _old = _young;
            _young = new ConcurrentDictionary<Digest, VerifiedToken>();
            _youngCount = 0;
        }
    }

    /// <summary>A hash instead of the token: nobody finds usable tokens in a dump of the table's keys.</summary>
    private static bool TryDigest(ReadOnlySpan<char> token, out Digest digest)
    {
        digest = default;
        if (token.Length > MaxLength)
            return false;
        Span<byte> bytes = stackalloc byte[MaxLength];
        if (!Encoding.UTF8.TryGetBytes(token, bytes, out var length))
            return false;
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(bytes[..length], hash);
        digest = new Digest(BitConverter.ToUInt128(hash), BitConverter.ToUInt128(hash[16..]));
        return true;
    }

    private readonly record struct Digest(UInt128 First, UInt128 Second);
}

/// <summary>A token that was found good.</summary>
/// <param name="identity">Shared by requests: nothing may be added to it.</param>
/// <param name="endsAt">Expiry and the clock skew that is allowed, UTC.</param>
internal sealed class VerifiedToken(ClaimsIdentity identity, SecurityToken token, SecurityKey key, DateTime endsAt)
{
    private OpenIdConnectConfiguration? _checked;

    public ClaimsIdentity Identity => identity;

    /// <summary>Shared by requests, as the identity is.</summary>
    public PlatformPrincipal Principal { get; } = new(identity);

    public SecurityToken Token => token;

    public DateTime EndsAt => endsAt;

    /// <summary>Whether the key is still among the good ones; compared anew only when those were read anew.</summary>
    public bool IsSignedByOneOf(OpenIdConnectConfiguration? configuration)
    {
        if (configuration is null || ReferenceEquals(configuration, _checked))
            return true;
        if (!configuration.SigningKeys.Any(IsSame))
            return false;
        _checked = configuration;
        return true;
    }

    private bool IsSame(SecurityKey other) =>
        ReferenceEquals(other, key)
        || (other.KeyId == key.KeyId && other.CanComputeJwkThumbprint() && key.CanComputeJwkThumbprint()
            && other.ComputeJwkThumbprint().AsSpan().SequenceEqual(key.ComputeJwkThumbprint()));
}
