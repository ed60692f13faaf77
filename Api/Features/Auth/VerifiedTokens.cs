using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using System.Security.Claims;
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
    private ConcurrentDictionary<string, VerifiedToken> _young = new(TokenComparer.Instance), _old = new(TokenComparer.Instance);
    private int _youngCount;

    public override async Task<TokenValidationResult> ValidateTokenAsync(string token, TokenValidationParameters validationParameters)
    {
        var result = await inner.ValidateTokenAsync(token, validationParameters);
        if (result is { IsValid: true, SecurityToken: { SigningKey: { } key } verified } && token.Length <= MaxLength)
            Keep(token, new VerifiedToken(result.ClaimsIdentity, verified, key, verified.ValidTo + validationParameters.ClockSkew));
        return result;
    }

    public override async Task<TokenValidationResult> ValidateTokenAsync(SecurityToken token, TokenValidationParameters validationParameters) =>
        await inner.ValidateTokenAsync(token, validationParameters);

    public override SecurityToken ReadToken(string token) => inner.ReadToken(token);

    /// <param name="configuration">The keys that are good now; null when the scheme's keys never change.</param>
    public bool TryGet(ReadOnlySpan<char> token, OpenIdConnectConfiguration? configuration, [NotNullWhen(true)] out VerifiedToken? verified)
    {
        verified = null;
        if (token.Length > MaxLength || !(_young.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(token, out verified) || TryRenew(token, out verified)))
            return false;
        if (time.GetUtcNow().UtcDateTime < verified.EndsAt && verified.IsSignedByOneOf(configuration))
            return true;
        _young.GetAlternateLookup<ReadOnlySpan<char>>().TryRemove(token, out _);
        return false;
    }

    private bool TryRenew(ReadOnlySpan<char> token, [NotNullWhen(true)] out VerifiedToken? verified)
    {
        if (!_old.GetAlternateLookup<ReadOnlySpan<char>>().TryRemove(token, out var known, out verified))
            return false;
        Keep(known, verified);
        return true;
    }

    private void Keep(string token, VerifiedToken verified)
    {
        _young[token] = verified;
        if (Interlocked.Increment(ref _youngCount) <= capacity / 2)
            return;
        lock (_gate)
        {
            if (_youngCount <= capacity / 2)
                return;
            _old = _young;
            _young = new ConcurrentDictionary<string, VerifiedToken>(TokenComparer.Instance);
            _youngCount = 0;
        }
    }

    /// <summary>
    /// Equal when every character is; hashed by the end of the signature alone, which is as good as chance. Only tokens that were
    /// verified are in the table, so nobody can fill it with tokens of one hash.
    /// </summary>
    private sealed class TokenComparer : IEqualityComparer<string>, IAlternateEqualityComparer<ReadOnlySpan<char>, string>
    {
        private const int Hashed = 16;

        public static TokenComparer Instance { get; } = new();

        public bool Equals(string? x, string? y) => string.Equals(x, y, StringComparison.Ordinal);

        public int GetHashCode(string token) => GetHashCode(token.AsSpan());

        public bool Equals(ReadOnlySpan<char> alternate, string other) => alternate.SequenceEqual(other);

        public int GetHashCode(ReadOnlySpan<char> alternate) => string.GetHashCode(alternate.Length > Hashed ? alternate[^Hashed..] : alternate);

        public string Create(ReadOnlySpan<char> alternate) => alternate.ToString();
    }
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
