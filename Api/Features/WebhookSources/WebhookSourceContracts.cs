using Platform.Api.Features.Webhooks;
using Platform.Data.Security;
using Platform.Data.Webhooks;
using Platform.Tenancy;

namespace Platform.Api.Features.WebhookSources;

/// <param name="Provider">One of <see cref="WebhookProviders"/>.</param>
/// <param name="Secret">For <c>meta</c>: the app's secret. Others get a generated one.</param>
internal sealed record NewWebhookSourceInput(string? Provider, string? Name, string? Secret);

/// <summary>What may be changed of a source.</summary>
internal sealed record WebhookSourceInput(string? Name, bool Disabled);

/// <param name="Secret">For <c>meta</c>: the app's new secret.</param>
internal sealed record RotateSecretInput(string? Secret);

/// <param name="Path">Where the other system calls, on this API's host.</param>
/// <param name="Secret">In clear when it was just generated, else its last characters.</param>
/// <param name="HasPreviousSecret">Whether the secret before it is still accepted.</param>
/// <param name="VerifyToken">For <c>meta</c>; as the secret.</param>
internal sealed record WebhookSourceResponse(
    Guid Id, string Provider, string Name, string Slug, string Path, string Secret, bool HasPreviousSecret, string? VerifyToken, bool Disabled,
    DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt, long Version) : IWebhookRowResponse<WebhookSource, WebhookSourceResponse>
{
    public static string Kind => "source";

    public static object Told(WebhookSource row) => new { row.Id, row.Provider, row.Name };

    public WebhookSourceResponse Showing(string secret) => this with { Secret = secret };

    public static WebhookSourceResponse From(WebhookSource row, SecretProtector protector)
    {
        var tenant = new TenantId(row.TenantId);
        return new(
            row.Id, row.Provider, row.Name, row.Slug, $"/api/webhooks/{row.Provider}/{row.Slug}", Masked(row.Secret)!,
            row.PreviousSecret is not null, Masked(row.VerifyToken), row.DisabledAt is not null, row.CreatedAt, row.UpdatedAt, row.Version);

        string? Masked(string? text) =>
            text is null ? null : WebhookSecrets.Mask(WebhookSecrets.Unprotect(protector, tenant, row.Id, text));
    }
}

/// <summary>A call a source made; without its body.</summary>
internal sealed record WebhookEventResponse(
    Guid Id, string ExternalId, string Status, string? Error, int Bytes, DateTimeOffset ReceivedAt, DateTimeOffset? ProcessedAt);
