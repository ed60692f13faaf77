using System.ComponentModel.DataAnnotations;

namespace Platform.Api.Features.Auth;

/// <summary>Settings of signing in, section <c>Auth</c>.</summary>
public sealed class AuthOptions
{
    public const string Section = "Auth";

    /// <summary>How far the clocks of two machines may lie apart.</summary>
    internal static readonly TimeSpan ClockSkew = TimeSpan.FromSeconds(30);

    /// <summary>The tokens' <c>iss</c>. Default <c>platform</c>.</summary>
    [Required]
    public string Issuer { get; set; } = "platform";

    /// <summary>The tokens' <c>aud</c>. Default <c>platform</c>.</summary>
    [Required]
    public string Audience { get; set; } = "platform";

    /// <summary>How long an access token is good for. Default 15 minutes.</summary>
    [Range(typeof(TimeSpan), "00:00:10", "01:00:00")]
    public TimeSpan AccessTokenLifetime { get; set; } = TimeSpan.FromMinutes(15);

    /// <summary>How long a refresh token is good for; each use gives a new one. Default 14 days.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "90.00:00:00")]
    public TimeSpan RefreshTokenLifetime { get; set; } = TimeSpan.FromDays(14);

    /// <summary>How long a key signs access tokens before a new one takes over. Default 30 days.</summary>
    [Range(typeof(TimeSpan), "01:00:00", "365.00:00:00")]
    public TimeSpan KeyRotation { get; set; } = TimeSpan.FromDays(30);

    /// <summary>
    /// How long a new key is published before it signs; longer than anybody keeps the key set. Shorter than
    /// <see cref="KeyRotation"/>. Default 1 hour.
    /// </summary>
    [Range(typeof(TimeSpan), "00:15:00", "30.00:00:00")]
    public TimeSpan KeyOverlap { get; set; } = TimeSpan.FromHours(1);

    /// <summary>How long a replica trusts what it has read of an API key: the longest one works on after it was revoked. Default 3 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:00:30")]
    public TimeSpan ApiKeyCacheTime { get; set; } = TimeSpan.FromSeconds(3);

    /// <summary>API keys one tenant can have at a time. Default 100.</summary>
    [Range(1, 10_000)]
    public int MaxApiKeys { get; set; } = 100;

    /// <summary>Where invited people set their password; the token is put behind it after a #. Default Web's page.</summary>
    [Required]
    public string InvitationAddress { get; set; } = "http://localhost:5300/invitation";

    /// <summary>How long an invitation is good for. Default 7 days.</summary>
    [Range(typeof(TimeSpan), "00:05:00", "90.00:00:00")]
    public TimeSpan InvitationLifetime { get; set; } = TimeSpan.FromDays(7);

    /// <summary>
    /// Wrong passwords for one address, each within <see cref="LockoutDuration"/> of the last, before it is locked.
    /// Default 5.
    /// </summary>
    [Range(1, 100)]
    public int MaxFailures { get; set; } = 5;

    /// <summary>How long an address is locked. Default 5 minutes.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "1.00:00:00")]
    public TimeSpan LockoutDuration { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>
    /// Tokens whose good signature is remembered, per scheme; about 10 KB each. 0 verifies in every request. Default 4,096.
    /// </summary>
    [Range(0, 1_000_000)]
    public int VerifiedTokens { get; set; } = 4096;
}
