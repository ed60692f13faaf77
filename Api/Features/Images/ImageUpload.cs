using System.Text.Json;
using Platform.Api.Features.Auth;
using Platform.Api.Http;
using Platform.Caching;
using Platform.Data;
using Platform.Data.Images;
using Platform.Events;
using Platform.Jobs;

namespace Platform.Api.Features.Images;

/// <summary>Replaces and deletes a picture, and tells of it.</summary>
internal sealed class ImageUpload(
    PlatformDb db, IJobQueue jobs, ImageReader reader, ImageWorkers workers, TenantCache cache, ITenantEvents events)
{
    public async Task<IResult> PutAsync(HttpContext context, string kind, Guid owner, CancellationToken cancellationToken)
    {
        var (content, problem) = await reader.ReadAsync(context, cancellationToken);
        if (content is null)
            return problem!;
        if (!await workers.AnyAsync(cancellationToken))
            return Problems.Unavailable("Pictures can't be worked on here at present: no Worker has the library for it.");
        await using var transaction = await db.BeginAsync(cancellationToken);
        var job = await ImageCommands.StoreAsync(transaction, jobs, kind, owner, content, cancellationToken);
        await FinishAsync(transaction, context, kind, owner, "uploaded", cancellationToken);
        return TypedResults.Accepted($"/api/jobs/{job}/status", new ImageAccepted(job));
    }

    public async Task<IResult> DeleteAsync(HttpContext context, string kind, Guid owner, CancellationToken cancellationToken)
    {
        await using var transaction = await db.BeginAsync(cancellationToken);
        if (!await ImageCommands.DeleteAsync(transaction, kind, owner, cancellationToken))
            return Problems.NotFound(kind);
        await FinishAsync(transaction, context, kind, owner, "deleted", cancellationToken);
        return TypedResults.NoContent();
    }

    /// <summary>An avatar is its owner's own business; who changed the logo is noted.</summary>
    private async Task FinishAsync(
        TenantTransaction transaction, HttpContext context, string kind, Guid owner, string what, CancellationToken cancellationToken)
    {
        if (kind == ImageKinds.Logo)
            await AuditLog.AddAsync(transaction, context.User, $"logo.{what}", subject: null, detail: null, cancellationToken);
        transaction.AfterCommit(async () =>
        {
            await cache.InvalidateAsync(CacheTag.For(transaction.Tenant, ImageKinds.CacheSubject, kind, owner));
            var data = JsonSerializer.SerializeToElement(new { kind, ownerId = owner }, JsonSerializerOptions.Web);
            await events.PublishAsync(transaction.Tenant, new TenantEvent($"image.{what}", data), CancellationToken.None);
        });
        await transaction.CommitAsync(cancellationToken);
    }
}
