using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.Extensions.Options;
using Platform.Api.Features.Auth;
using Platform.Api.Http;
using Platform.Caching;
using Platform.Data;
using Platform.Data.Images;
using Platform.Events;
using Platform.Jobs;
using JsonOptions = Microsoft.AspNetCore.Http.Json.JsonOptions;

namespace Platform.Api.Features.Images;

/// <summary>Replaces and deletes a picture, and tells of it.</summary>
internal sealed class ImageUpload(
    PlatformDb db, IJobQueue jobs, ImageReader reader, ImageWorkers workers, Idempotency idempotency, TenantCache cache, ITenantEvents events,
    IOptions<JsonOptions> json)
{
    public async Task<IResult> PutAsync(HttpContext context, string kind, Guid owner, CancellationToken cancellationToken)
    {
        var (content, problem) = await reader.ReadAsync(context, cancellationToken);
        if (content is null)
            return problem!;
        if (!await workers.AnyAsync(cancellationToken))
            return Problems.Unavailable("Pictures can't be worked on here at present: no Worker has the library for it.");
        // Everybody's own has the same address, so whose it is belongs to what is compared.
        return await idempotency.RunAsync(context, new { kind, owner, Hash = SHA256.HashData(content) }, async transaction =>
        {
            var version = await ImageCommands.LockAsync(transaction, kind, owner, cancellationToken);
            if (!EntityVersion.Allows(context.Request, version ?? 0))
                return Problems.PreconditionFailed(kind);
            var job = await ImageCommands.StoreAsync(transaction, jobs, kind, owner, content, cancellationToken);
            await NoteAsync(transaction, context, kind, owner, "uploaded", cancellationToken);
            return StoredResponse.Accepted($"/api/jobs/{job}/status", new ImageAccepted(job), json.Value.SerializerOptions);
        }, cancellationToken);
    }

    public async Task<IResult> DeleteAsync(HttpContext context, string kind, Guid owner, CancellationToken cancellationToken)
    {
        await using var transaction = await db.BeginAsync(cancellationToken);
        if (await ImageCommands.LockAsync(transaction, kind, owner, cancellationToken) is not { } version)
            return Problems.NotFound(kind);
        if (!EntityVersion.Allows(context.Request, version))
            return Problems.PreconditionFailed(kind);
        await ImageCommands.DeleteAsync(transaction, kind, owner, cancellationToken);
        await NoteAsync(transaction, context, kind, owner, "deleted", cancellationToken);
        await transaction.CommitAsync(cancellationToken);
        return TypedResults.NoContent();
    }

    /// <summary>An avatar is its owner's own business; who changed the logo is noted.</summary>
    private async Task NoteAsync(
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
    }
}
