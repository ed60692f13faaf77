namespace Platform.Data.Webhooks;

/// <summary>Another system, calling or called, with the secret its calls are signed with: columns <c>secret</c> and <c>previous_secret</c>.</summary>
public interface IWebhookRow : IVersionedRow, IListedRow
{
    /// <summary>What cached answers about sources and endpoints depend on.</summary>
    const string CacheSubject = "connections";

    /// <summary>Of both.</summary>
    new Guid Id { get; }
}
