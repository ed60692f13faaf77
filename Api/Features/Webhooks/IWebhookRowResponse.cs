using Platform.Api.Http;
using Platform.Data.Security;

namespace Platform.Api.Features.Webhooks;

/// <summary>How a webhook source or endpoint is shown and spoken of.</summary>
internal interface IWebhookRowResponse<TRow, TSelf> : IVersioned
    where TSelf : IWebhookRowResponse<TRow, TSelf>
{
    Guid Id { get; }

    DateTimeOffset CreatedAt { get; }

    /// <summary>"source".</summary>
    static abstract string Kind { get; }

    /// <summary>With its secrets masked.</summary>
    static abstract TSelf From(TRow row, SecretProtector protector);

    /// <summary>What the tenant's users are told when it changes, and the audit log when it is made: nothing secret.</summary>
    static abstract object Told(TRow row);

    /// <param name="secret">In clear: it was just generated.</param>
    TSelf Showing(string secret);
}
