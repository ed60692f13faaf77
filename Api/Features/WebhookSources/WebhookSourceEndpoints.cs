using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Platform.Api.Features.Auth;
using Platform.Api.Features.Webhooks;
using Platform.Api.Http;
using Platform.Data;
using Platform.Data.Security;
using Platform.Data.Webhooks;
using Platform.Tenancy;
using JsonOptions = Microsoft.AspNetCore.Http.Json.JsonOptions;

namespace Platform.Api.Features.WebhookSources;

/// <summary>Which other systems may call a tenant.</summary>
internal static class WebhookSourceEndpoints
{
    private const string What = "webhook source";

    public static void AddWebhookSources(this WebApplicationBuilder builder) => builder.Services.AddScoped<WebhookSourceCommands>();

    public static void MapWebhookSources(this IEndpointRouteBuilder endpoints)
    {
        var group = endpoints.MapGroup("/api/admin/webhook-sources").WithTags("Webhooks").RequirePermission(Permissions.WebhooksManage);
        group.AddEndpointFilter(static (context, next) =>
        {
            context.HttpContext.Response.Headers.CacheControl = "no-store";
            return next(context);
        });

        group.MapGet("/", ListAsync)
            .WithSummary("List webhook sources").WithDescription("Newest first. Secrets are masked.")
            .Produces<Page<WebhookSourceResponse>>().ProducesProblem(400);
        group.MapGet("/{id:guid}", GetAsync)
            .WithSummary("Get a webhook source")
            .Produces<WebhookSourceResponse>().ProducesProblem(404);
        group.MapGet("/{id:guid}/events", EventsAsync)
            .WithSummary("List the calls of a source").WithDescription("Newest first, with what became of each. Beyond 10,000 `total` is null.")
            .Produces<Page<WebhookEventResponse>>().ProducesProblem(400).ProducesProblem(404);
        group.MapPost("/", CreateAsync)
            .WithSummary("Create a webhook source")
            .WithDescription(
                "The answer shows the generated secret (for `meta` the verify token) this once. With an `Idempotency-Key`, a repeated request " +
                "creates one source; its answer has them masked.")
            .Produces<WebhookSourceResponse>(201).ProducesProblem(400).ProducesValidationProblem(422);
        group.MapPut("/{id:guid}", UpdateAsync)
            .WithSummary("Rename, disable or enable a webhook source")
            .Produces<WebhookSourceResponse>().ProducesProblem(404).ProducesProblem(412).ProducesValidationProblem(422);
        group.MapPost("/{id:guid}/rotate-secret", RotateAsync)
            .WithSummary("Give a source a new secret")
            .WithDescription("The secret so far is accepted as well until `DELETE …/previous-secret`. The answer shows the new one this once.")
            .Produces<WebhookSourceResponse>().ProducesProblem(404).ProducesProblem(412).ProducesValidationProblem(422);
        group.MapDelete("/{id:guid}/previous-secret", EndPreviousAsync)
            .WithSummary("Accept the secret before the last rotation no longer")
            .WithDescription("Other replicas follow within seconds.")
            .Produces<WebhookSourceResponse>().ProducesProblem(404).ProducesProblem(412);
        group.MapDelete("/{id:guid}", DeleteAsync)
            .WithSummary("Delete a webhook source").WithDescription("With the record of its calls; what they led to stays.")
            .Produces(204).ProducesProblem(404).ProducesProblem(412);
    }

    /// <summary>Index: webhook_sources_created_idx.</summary>
    private static async Task<IResult> ListAsync(
        [AsParameters] PageQuery query, HttpContext context, PlatformDb db, CursorCodec cursors, SecretProtector protector,
        CancellationToken cancellationToken)
    {
        if (ListQuestion.Read(query, db.Tenant, "webhook-sources", cursors, out var ask) is { } problem)
            return problem;
        var rows = await (ask.After is { } place
                ? db.WebhookSources.Where(row => EF.Functions.LessThan(
                    ValueTuple.Create(row.CreatedAt, row.Id), ValueTuple.Create(place.CreatedAt, place.Id)))
                : db.WebhookSources)
            .OrderByDescending(row => row.CreatedAt).ThenByDescending(row => row.Id)
            .Skip(ask.Skip).Take(ask.Take).ToListAsync(cancellationToken);
        long? total = ask.Counts ? await db.WebhookSources.LongCountAsync(cancellationToken) : null;
        var page = ask.Page(
            rows.ConvertAll(row => WebhookSourceResponse.From(row, protector)), total, row => new Cursor(row.CreatedAt, row.Id), cursors);
        LinkHeader.Write(context, page.Pagination);
        return TypedResults.Ok(page);
    }

    private static async Task<IResult> GetAsync(
        Guid id, HttpContext context, PlatformDb db, SecretProtector protector, CancellationToken cancellationToken) =>
        await FindAsync(db, id, cancellationToken) is { } row ? Answer(context, row, protector) : Problems.NotFound(What);

    /// <summary>Index: webhook_events_source_idx.</summary>
    private static async Task<IResult> EventsAsync(
        Guid id, [AsParameters] PageQuery query, HttpContext context, PlatformDb db, CursorCodec cursors, CancellationToken cancellationToken)
    {
        const int MaxCounted = 10_000;
        if (ListQuestion.Read(query, db.Tenant, $"webhook-events:{id}", cursors, out var ask) is { } problem)
            return problem;
        if (await FindAsync(db, id, cancellationToken) is null)
            return Problems.NotFound(What);
        var all = db.WebhookEvents.Where(row => row.SourceId == id);
        var rows = await (ask.After is { } place
                ? all.Where(row => EF.Functions.LessThan(
                    ValueTuple.Create(row.ReceivedAt, row.Id), ValueTuple.Create(place.CreatedAt, place.Id)))
                : all)
            .OrderByDescending(row => row.ReceivedAt).ThenByDescending(row => row.Id)
            .Skip(ask.Skip).Take(ask.Take)
            .Select(row => new WebhookEventResponse(
                row.Id, row.ExternalId, row.Status, row.Error, row.Payload.Length, row.ReceivedAt, row.ProcessedAt))
            .ToListAsync(cancellationToken);
        long? total = ask.Counts && await all.Take(MaxCounted + 1).LongCountAsync(cancellationToken) is var count and <= MaxCounted ? count : null;
        var page = ask.Page(rows, total, row => new Cursor(row.ReceivedAt, row.Id), cursors);
        LinkHeader.Write(context, page.Pagination);
        return TypedResults.Ok(page);
    }

    private static async Task<IResult> CreateAsync(
        [FromBody] NewWebhookSourceInput input, HttpContext context, WebhookSourceCommands commands, SecretProtector protector,
        Idempotency idempotency, ChangeNotice notice, IOptions<JsonOptions> json, CancellationToken cancellationToken)
    {
        if (WebhookRules.CheckNew(input.Provider, input.Name, input.Secret, out var name) is { Count: > 0 } errors)
            return Problems.Invalid(errors);
        WebhookSourceResponse? shown = null;
        var answer = await idempotency.RunAsync(context, input with { Name = name }, async transaction =>
        {
            var secret = input.Secret ?? WebhookSecrets.Create();
            var (row, token) = await commands.CreateAsync(input.Provider!, name, secret, cancellationToken);
            await AuditLog.AddAsync(
                transaction, context.User, "webhook-source.create", row.Id.ToString(), new { row.Provider, row.Name }, cancellationToken);
            Tell(notice, transaction, "created", row);
            var masked = WebhookSourceResponse.From(row, protector);
            shown = masked with { Secret = input.Secret is null ? secret : masked.Secret, VerifyToken = token };
            // What is kept for repeated requests has no secret in it.
            return StoredResponse.Created(
                $"/api/admin/webhook-sources/{row.Id}", masked, json.Value.SerializerOptions, EntityVersion.Tag(row.Version).ToString());
        }, cancellationToken);
        if (shown is null || answer is not StoredResponse { Headers: var headers })
            return answer;
        context.Response.Headers.ETag = headers["ETag"];
        return TypedResults.Created(headers["Location"], shown);
    }

    private static async Task<IResult> UpdateAsync(
        Guid id, [FromBody] WebhookSourceInput input, HttpContext context, PlatformDb db, WebhookSourceCommands commands,
        SecretProtector protector, ChangeNotice notice, KnownSources sources, CancellationToken cancellationToken) =>
        WebhookRules.CheckName(input.Name, out var name) is { Count: > 0 } errors
            ? Problems.Invalid(errors)
            : await ChangeAsync(
                id, context, db, notice, sources, "update",
                versions => commands.UpdateAsync(id, name, input.Disabled, versions, cancellationToken),
                row => Answer(context, row, protector), cancellationToken);

    private static async Task<IResult> RotateAsync(
        Guid id, [FromBody] RotateSecretInput input, HttpContext context, PlatformDb db, WebhookSourceCommands commands,
        SecretProtector protector, ChangeNotice notice, KnownSources sources, CancellationToken cancellationToken)
    {
        if (await FindAsync(db, id, cancellationToken) is not { } row)
            return Problems.NotFound(What);
        if (WebhookRules.CheckSecret(row.Provider, input.Secret) is { Count: > 0 } errors)
            return Problems.Invalid(errors);
        var secret = input.Secret ?? WebhookSecrets.Create();
        return await ChangeAsync(
            id, context, db, notice, sources, "rotate-secret", versions => commands.RotateAsync(id, secret, versions, cancellationToken),
            row => Answer(context, row, protector, input.Secret is null ? secret : null), cancellationToken);
    }

    private static Task<IResult> EndPreviousAsync(
        Guid id, HttpContext context, PlatformDb db, WebhookSourceCommands commands, SecretProtector protector, ChangeNotice notice,
        KnownSources sources, CancellationToken cancellationToken) =>
        ChangeAsync(
            id, context, db, notice, sources, "end-previous-secret", versions => commands.EndPreviousAsync(id, versions, cancellationToken),
            row => Answer(context, row, protector), cancellationToken);

    private static Task<IResult> DeleteAsync(
        Guid id, HttpContext context, PlatformDb db, WebhookSourceCommands commands, ChangeNotice notice, KnownSources sources,
        CancellationToken cancellationToken) =>
        ChangeAsync(
            id, context, db, notice, sources, "delete", versions => commands.DeleteAsync(id, versions, cancellationToken),
            _ => TypedResults.NoContent(), cancellationToken);

    private static async Task<IResult> ChangeAsync(
        Guid id, HttpContext context, PlatformDb db, ChangeNotice notice, KnownSources sources, string action,
        Func<long[]?, Task<WebhookSource?>> change, Func<WebhookSource, IResult> answer, CancellationToken cancellationToken)
    {
        await using var transaction = await db.BeginAsync(cancellationToken);
        if (await change(EntityVersion.Required(context.Request)) is not { } row)
            return await FindAsync(db, id, cancellationToken) is null ? Problems.NotFound(What) : Problems.PreconditionFailed(What);
        await AuditLog.AddAsync(transaction, context.User, $"webhook-source.{action}", id.ToString(), null, cancellationToken);
        Tell(notice, transaction, action == "delete" ? "deleted" : "updated", row);
        transaction.AfterCommit(() =>
        {
            sources.Forget(row.Provider, row.Slug);
            return ValueTask.CompletedTask;
        });
        await transaction.CommitAsync(cancellationToken);
        return answer(row);
    }

    /// <summary>Index: webhook_sources_pkey.</summary>
    private static Task<WebhookSource?> FindAsync(PlatformDb db, Guid id, CancellationToken cancellationToken) =>
        db.WebhookSources.SingleOrDefaultAsync(row => row.Id == id, cancellationToken);

    private static void Tell(ChangeNotice notice, TenantTransaction transaction, string what, WebhookSource row) =>
        notice.AfterCommit(transaction, $"webhook.source_{what}", new { row.Id, row.Provider, row.Name }, Array.Empty<string>());

    private static Ok<WebhookSourceResponse> Answer(HttpContext context, WebhookSource row, SecretProtector protector, string? secret = null)
    {
        EntityVersion.Write(context, row.Version);
        var masked = WebhookSourceResponse.From(row, protector);
        return TypedResults.Ok(secret is null ? masked : masked with { Secret = secret });
    }
}
