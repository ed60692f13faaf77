namespace Platform.Api.Features.RateLimits;

/// <summary>Limits that some calls have beside the caller's own, by name. Their figures: <see cref="RateLimitOptions.Policies"/>.</summary>
internal static class RateLimitPolicies
{
    /// <summary>The caller's own limit: every call that isn't exempt counts.</summary>
    public const string Default = "default";

    /// <summary>Signing in, by address: guessing passwords of many accounts from one place.</summary>
    public const string SignIn = "sign-in";

    /// <summary>Uploading files to import, by tenant.</summary>
    public const string Imports = "imports";

    /// <summary>Uploading pictures, by tenant.</summary>
    public const string Images = "images";

    /// <summary>Calls of other systems, by webhook source.</summary>
    public const string Webhooks = "webhooks";
}
