using System.Text.Json;
using Platform.Caching;
using Platform.Events;
using Platform.Tenancy;

namespace Platform.Api.Features.Auth;

internal sealed class PermissionChanges(TenantCache cache, Standings standings, ITenantEvents events) : IPermissionChanges
{
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
        await ChangedAsync(id, userId);
        var data = JsonSerializer.SerializeToElement(new { userId, sessionId }, JsonSerializerOptions.Web);
        await events.PublishAsync(id, new TenantEvent(EventTypes.SessionEnded, data, $"user:{userId}"), CancellationToken.None);
    }

    public async Task SessionsEndedAsync(IReadOnlyList<EndedSession> ended)
    {
        // A user may have signed in hundreds of times; one word is enough.
        foreach (var group in ended.GroupBy(session => (session.Tenant, session.UserId)))
            await SessionEndedAsync(group.Key.Tenant, group.Key.UserId, group.Count() == 1 ? group.Single().SessionId : null);
    }

    public async Task SuspendedAsync(TenantId tenant)
    {
        await AllChangedAsync(tenant);
        await events.PublishAsync(tenant, new TenantEvent(EventTypes.TenantSuspended, default), CancellationToken.None);
    }
}
