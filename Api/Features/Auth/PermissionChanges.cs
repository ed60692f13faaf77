using System.Text.Json;
using Microsoft.Extensions.Options;
using Platform.Caching;
using Platform.Events;
using Platform.Tenancy;

namespace Platform.Api.Features.Auth;

internal sealed class PermissionChanges(
    TenantCache cache, Standings standings, ITenantEvents events, EndedAccess ended, IOptions<AuthOptions> options) : IPermissionChanges
{
    // Clocks differ, and those who verify allow for it.
    private static readonly TimeSpan Margin = TimeSpan.FromMinutes(1);

    private TimeSpan TokenLifetime => options.Value.AccessTokenLifetime + Margin;

    public Task ChangedAsync(TenantId tenant, params ReadOnlySpan<Guid> userIds)
    {
        var tags = new CacheTag[userIds.Length];
        for (var i = 0; i < tags.Length; i++)
            tags[i] = Standings.TagOf(tenant, userIds[i]);
        return tags.Length == 0 ? Task.CompletedTask : cache.InvalidateAsync(tags);
    }

    public Task AllChangedAsync(TenantId tenant) => cache.InvalidateAsync(Standings.TagOf(tenant));

    public async Task SessionEndedAsync(TenantId? tenant, Guid userId, Guid? sessionId = null)
    {
        if (tenant is not { } id)
        {
            standings.ForgetOperator(userId);
            return;
        }
        // Before its clients hear of it, and try to come back.
        await (sessionId is { } session ? ended.EndSessionsAsync(id, [session], TokenLifetime) : ended.EndUserAsync(id, userId, TokenLifetime));
        await TellAsync(id, userId, sessionId);
    }

    public async Task SessionsEndedAsync(IReadOnlyList<EndedSession> sessions)
    {
        foreach (var group in sessions.GroupBy(session => (session.Tenant, session.UserId)))
        {
            if (group.Key.Tenant is not { } tenant)
            {
                standings.ForgetOperator(group.Key.UserId);
                continue;
            }
            // One by one: a session that wasn't ended, as the one a password was changed in, can connect again.
            await ended.EndSessionsAsync(tenant, group.Select(session => session.SessionId), TokenLifetime);
            // A user may have signed in hundreds of times; one word is enough.
            await TellAsync(tenant, group.Key.UserId, group.Count() == 1 ? group.Single().SessionId : null);
        }
    }

    public async Task SuspendedAsync(TenantId tenant)
    {
        await ended.EndTenantAsync(tenant, TokenLifetime);
        await AllChangedAsync(tenant);
        await events.PublishAsync(tenant, new TenantEvent(EventTypes.TenantSuspended, default), CancellationToken.None);
    }

    public async Task ResumedAsync(TenantId tenant)
    {
        await ended.ResumeTenantAsync(tenant);
        await AllChangedAsync(tenant);
    }

    private async Task TellAsync(TenantId tenant, Guid userId, Guid? sessionId)
    {
        await ChangedAsync(tenant, userId);
        var data = JsonSerializer.SerializeToElement(new { userId, sessionId }, JsonSerializerOptions.Web);
        await events.PublishAsync(tenant, new TenantEvent(EventTypes.SessionEnded, data, $"user:{userId}"), CancellationToken.None);
    }
}
