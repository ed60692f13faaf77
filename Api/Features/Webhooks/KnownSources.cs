using System.Collections.Concurrent;
using Microsoft.Extensions.Options;
using Npgsql;
using Platform.Data.Placement;
using Platform.Data.Security;
using Platform.Data.Webhooks;
using Platform.Tenancy;

namespace Platform.Api.Features.Webhooks;

/// <summary>Finds whose an address is. Remembers it for seconds, and that there is none, too: both answers take equally long.</summary>
internal sealed class KnownSources(
    TenantDatabases databases, SecretProtector protector, IOptions<WebhookOptions> options, TimeProvider time)
{
    private readonly ConcurrentDictionary<(string Provider, string Slug), (CallingSource? Source, DateTimeOffset Until)> _known = new();

    /// <param name="provider">One of <see cref="WebhookProviders"/>.</param>
    /// <returns>Null when there is none, it is disabled, or its tenant is suspended.</returns>
    public async ValueTask<CallingSource?> FindAsync(string provider, string slug, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        if (_known.TryGetValue((provider, slug), out var known) && known.Until > now)
            return known.Source;
        var source = await ReadAsync(provider, slug, cancellationToken);
        // Full of addresses somebody made up, or of old ones: forgetting costs a look-up each.
        if (_known.Count >= options.Value.Sources)
            _known.Clear();
        if (options.Value.Sources > 0)
            _known[(provider, slug)] = (source, now + options.Value.SourceTtl);
        return source;
    }

    /// <summary>After a change; other replicas see it within <see cref="WebhookOptions.SourceTtl"/>.</summary>
    public void Forget(WebhookSource source) => _known.TryRemove((source.Provider, source.Slug), out _);

    /// <summary>Only then it is known whose database it is.</summary>
    private async Task<CallingSource?> ReadAsync(string provider, string slug, CancellationToken cancellationToken)
    {
        foreach (var database in databases.All)
        {
            if (await ReadAsync(database, provider, slug, cancellationToken) is { } source)
                return source;
        }
        return null;
    }

    /// <summary>Index: webhook_sources_slug_key.</summary>
    private async Task<CallingSource?> ReadAsync(
        NpgsqlDataSource database, string provider, string slug, CancellationToken cancellationToken)
    {
        await using var command = database.CreateCommand(
            "SELECT tenant_id, id, secret, previous_secret, verify_token FROM find_webhook_source($1, $2)");
        command.Parameters.AddWithValue(provider);
        command.Parameters.AddWithValue(slug);
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        if (!await reader.ReadAsync(cancellationToken))
            return null;
        var (tenant, id) = (new TenantId(reader.GetGuid(0)), reader.GetGuid(1));
        var (current, previous) = (Secret(2)!, Secret(3));
        return new CallingSource(
            tenant, id, previous is null ? [WebhookSecrets.Key(current)] : [WebhookSecrets.Key(current), WebhookSecrets.Key(previous)],
            Secret(4));

        string? Secret(int column) =>
            reader.IsDBNull(column) ? null : WebhookSecrets.Unprotect(protector, tenant, id, reader.GetString(column));
    }
}
