using System.ComponentModel.DataAnnotations;

namespace Platform.Identity;

/// <summary>An OpenID Connect authority whose access tokens are accepted beside the platform's own, section <c>Auth:External</c>.</summary>
public sealed class ExternalOptions : IValidatableObject
{
    public const string Section = "Auth:External";

    /// <summary>Where the authority is: its discovery document lies below <c>/.well-known</c>. Default none: nobody comes this way.</summary>
    public string? Authority { get; set; }

    /// <summary>The tokens' <c>iss</c>, character by character. Default <see cref="Authority"/>.</summary>
    public string? Issuer { get; set; }

    /// <summary>The tokens' <c>aud</c>: this platform's name at the authority. Needed with an authority.</summary>
    public string? Audience { get; set; }

    /// <summary>
    /// The claim that names the tenant, by slug or id, for users of several; it can't name one the user isn't a member of. Default
    /// none: the tenant joined first.
    /// </summary>
    public string? TenantClaim { get; set; }

    /// <summary>Whether operators may come in this way. Default no.</summary>
    public bool AllowOperators { get; set; }

    /// <summary>Whether discovery document and keys must come over TLS. Default yes.</summary>
    public bool RequireHttps { get; set; } = true;

    /// <summary>Longest wait for discovery document and keys together. Default 5 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00.100", "00:01:00")]
    public TimeSpan Timeout { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>After what time the keys are read again. Default 1 hour.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "1.00:00:00")]
    public TimeSpan KeysLifetime { get; set; } = TimeSpan.FromHours(1);

    /// <summary>How often at most they are read because a token names an unknown one, or because the last time failed. Default 1 minute.</summary>
    [Range(typeof(TimeSpan), "00:00:01", "01:00:00")]
    public TimeSpan KeysMinInterval { get; set; } = TimeSpan.FromMinutes(1);

    /// <summary>Whether there is an authority.</summary>
    public bool IsEnabled => !string.IsNullOrEmpty(Authority);

    /// <summary>What <c>iss</c> must be.</summary>
    public string EffectiveIssuer => string.IsNullOrEmpty(Issuer) ? Authority ?? "" : Issuer;

    public IEnumerable<ValidationResult> Validate(ValidationContext validationContext)
    {
        if (!IsEnabled)
            yield break;
        if (!Uri.TryCreate(Authority, UriKind.Absolute, out var uri) || (uri.Scheme != Uri.UriSchemeHttps && uri.Scheme != Uri.UriSchemeHttp))
            yield return new ValidationResult($"{Section}:Authority must be the authority's address: https://…", [nameof(Authority)]);
        else if (RequireHttps && uri.Scheme != Uri.UriSchemeHttps)
            yield return new ValidationResult($"{Section}:Authority must be https, unless {Section}:RequireHttps is false.", [nameof(Authority)]);
        if (string.IsNullOrEmpty(Audience))
            yield return new ValidationResult($"{Section}:Audience is needed: whose tokens would be accepted otherwise?", [nameof(Audience)]);
    }
}
