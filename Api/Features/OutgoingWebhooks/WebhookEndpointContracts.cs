using Platform.Api.Features.Webhooks;
using Platform.Data.Contacts;
using Platform.Data.Security;
using Platform.Data.Webhooks;
using Platform.Tenancy;

namespace Platform.Api.Features.OutgoingWebhooks;

/// <summary>What a client says of an endpoint; see <see cref="WebhookEndpointRules"/>.</summary>
/// <param name="Url">https, reachable from everywhere.</param>
/// <param name="EventTypes">Such as <c>message.created</c>; <c>*</c> for all.</param>
internal sealed record WebhookEndpointInput(string? Url, string? Description, string?[]? EventTypes, bool Disabled)
{
    public IReadOnlyList<FieldError> Check(out WebhookEndpointFields? fields) =>
        WebhookEndpointRules.Check(Url, Description, EventTypes, Disabled, out fields);
}

/// <param name="Secret">In clear when it was just generated, else its last characters.</param>
/// <param name="HasPreviousSecret">Whether calls are signed with the secret before it, too.</param>
/// <param name="FailureCount">Failed calls in a row.</param>
internal sealed record WebhookEndpointResponse(
    Guid Id, string Url, string Description, string[] EventTypes, string Secret, bool HasPreviousSecret, bool Disabled, string? DisabledReason,
    int FailureCount, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt, long Version) : IWebhookRowResponse<WebhookEndpoint, WebhookEndpointResponse>
{
    public static string Kind => "endpoint";

    public static object Told(WebhookEndpoint row) => new { row.Id, row.Url };

    public WebhookEndpointResponse Showing(string secret) => this with { Secret = secret };

    public static WebhookEndpointResponse From(WebhookEndpoint row, SecretProtector protector) => new(
        row.Id, row.Url, row.Description, row.EventTypes,
        WebhookSecrets.Mask(WebhookSecrets.Unprotect(protector, new TenantId(row.TenantId), row.Id, row.Secret)), row.PreviousSecret is not null,
        row.DisabledAt is not null, row.DisabledReason, row.FailureCount, row.CreatedAt, row.UpdatedAt, row.Version);
}
