using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Platform.Api.Features.Auth;
using Platform.Api.Http;
using Platform.Data;
using Platform.Data.Security;
using Platform.Data.Webhooks;
using Platform.Tenancy;
using JsonOptions = Microsoft.AspNetCore.Http.Json.JsonOptions;

namespace Platform.Api.Features.OutgoingWebhooks;

/// <summary>Which other systems a tenant has told of its events.</summary>
internal static class WebhookEndpointEndpoints
{
    private const string What = "webhook endpoint";

    public static void AddOutgoingWebhooks(this WebApplicationBuilder builder) =>
        builder.Services.AddScoped<WebhookEndpointCommands>().AddScoped<WebhookDeliveryCommands>();

    public static void MapOutgoingWebhooks(this IEndpointRouteBuilder endpoints)
    {
        var group = endpoints.MapGroup("/api/admin/webhook-endpoints").WithTags("Webhooks").RequirePermission(Permissions.WebhooksManage);
        group.AddEndpointFilter(static (context, next) =>
        {
            context.HttpContext.Response.Headers.CacheControl = "no-store";
            return next(context);
        });

        group.MapGet("/", ListAsync)
            .WithSummary("List webhook endpoints").WithDescription("Newest first. Secrets are masked.")
            .Produces<Page<WebhookEndpointResponse>>().ProducesProblem(400);
        group.MapGet("/{id:guid}", GetAsync)
            .WithSummary("Get a webhook endpoint")
            .Produces<WebhookEndpointResponse>().ProducesProblem(404);
        group.MapPost("/", CreateAsync)
            .WithSummary("Create a webhook endpoint")
            .WithDescription(
                "`url` is https and reachable from everywhere. The answer shows the generated secret this once. With an `Idempotency-Key`, a " +
                "repeated request creates one endpoint; its answer has the secret masked.")
            .Produces<WebhookEndpointResponse>(201).ProducesProblem(400).ProducesValidationProblem(422);
        group.MapPut("/{id:guid}", UpdateAsync)
            .WithSummary("Replace a webhook endpoint").WithDescription("Enabling one that was disabled forgets its failures.")
            .Produces<WebhookEndpointResponse>().ProducesProblem(404).ProducesProblem(412).ProducesValidationProblem(422);
        group.MapPost("/{id:guid}/rotate-secret", RotateAsync)
            .WithSummary("Give an endpoint a new secret")
            .WithDescription("Calls carry the signature of the secret so far as well until `DELETE …/previous-secret`.")
            .Produces<WebhookEndpointResponse>().ProducesProblem(404).ProducesProblem(412);
        group.MapDelete("/{id:guid}/previous-secret", EndPreviousAsync)
            .WithSummary("Sign with the secret before the last rotation no longer")
            .Produces<WebhookEndpointResponse>().ProducesProblem(404).ProducesProblem(412);
        group.MapDelete("/{id:guid}", DeleteAsync)
            .WithSummary("Delete a webhook endpoint")
            .Produces(204).ProducesProblem(404).ProducesProblem(412);
        group.MapWebhookDeliveries();
    }

    /// <summary>Index: webhook_endpoints_created_idx.</summary>
    private static async Task<IResult> ListAsync(
        [AsParameters] PageQuery query, HttpContext context, PlatformDb db, CursorCodec cursors, SecretProtector protector,
        CancellationToken cancellationToken)
    {
        if (ListQuestion.Read(query, db.Tenant, "webhook-endpoints", cursors, out var ask) is { } problem)
            return problem;
        var rows = await (ask.After is { } place
                ? db.WebhookEndpoints.Where(row => EF.Functions.LessThan(
                    ValueTuple.Create(row.CreatedAt, row.Id), ValueTuple.Create(place.CreatedAt, place.Id)))
                : db.WebhookEndpoints)
            .OrderByDescending(row => row.CreatedAt).ThenByDescending(row => row.Id)
            .Skip(ask.Skip).Take(ask.Take).ToListAsync(cancellationToken);
        long? total = ask.Counts ? await db.WebhookEndpoints.LongCountAsync(cancellationToken) : null;
        var page = ask.Page(
            rows.ConvertAll(row => WebhookEndpointResponse.From(row, protector)), total, row => new Cursor(row.CreatedAt, row.Id), cursors);
        LinkHeader.Write(context, page.Pagination);
        return TypedResults.Ok(page);
    }

    private static async Task<IResult> GetAsync(
        Guid id, HttpContext context, PlatformDb db, SecretProtector protector, CancellationToken cancellationToken) =>
        await FindAsync(db, id, cancellationToken) is { } row ? Answer(context, row, protector) : Problems.NotFound(What);

    private static async Task<IResult> CreateAsync(
        [FromBody] WebhookEndpointInput input, HttpContext context, WebhookEndpointCommands commands, SecretProtector protector,
        Idempotency idempotency, ChangeNotice notice, IOptions<JsonOptions> json, CancellationToken cancellationToken)
    {
        if (input.Check(out var fields) is { Count: > 0 } errors)
            return Problems.Invalid(errors);
        WebhookEndpointResponse? shown = null;
        var answer = await idempotency.RunAsync(context, fields!, async transaction =>
        {
            var secret = WebhookSecrets.Create();
            var row = await commands.CreateAsync(fields!, secret, cancellationToken);
            await AuditLog.AddAsync(
                transaction, context.User, "webhook-endpoint.create", row.Id.ToString(), new { row.Url }, cancellationToken);
            Tell(notice, transaction, "created", row);
            var masked = WebhookEndpointResponse.From(row, protector);
            shown = masked with { Secret = secret };
            // What is kept for repeated requests has no secret in it.
            return StoredResponse.Created(
                $"/api/admin/webhook-endpoints/{row.Id}", masked, json.Value.SerializerOptions, EntityVersion.Tag(row.Version).ToString());
        }, cancellationToken);
        if (shown is null || answer is not StoredResponse { Headers: var headers })
            return answer;
        context.Response.Headers.ETag = headers["ETag"];
        return TypedResults.Created(headers["Location"], shown);
    }

    private static async Task<IResult> UpdateAsync(
        Guid id, [FromBody] WebhookEndpointInput input, HttpContext context, PlatformDb db, WebhookEndpointCommands commands,
        SecretProtector protector, ChangeNotice notice, CancellationToken cancellationToken) =>
        input.Check(out var fields) is { Count: > 0 } errors
            ? Problems.Invalid(errors)
            : await ChangeAsync(
                id, context, db, notice, "update", versions => commands.UpdateAsync(id, fields!, versions, cancellationToken),
                row => Answer(context, row, protector), cancellationToken);

    private static Task<IResult> RotateAsync(
        Guid id, HttpContext context, PlatformDb db, WebhookEndpointCommands commands, SecretProtector protector, ChangeNotice notice,
        CancellationToken cancellationToken)
    {
        var secret = WebhookSecrets.Create();
        return ChangeAsync(
            id, context, db, notice, "rotate-secret", versions => commands.RotateAsync(id, secret, versions, cancellationToken),
            row => Answer(context, row, protector, secret), cancellationToken);
    }

    private static Task<IResult> EndPreviousAsync(
        Guid id, HttpContext context, PlatformDb db, WebhookEndpointCommands commands, SecretProtector protector, ChangeNotice notice,
        CancellationToken cancellationToken) =>
        ChangeAsync(
            id, context, db, notice, "end-previous-secret", versions => commands.EndPreviousAsync(id, versions, cancellationToken),
            row => Answer(context, row, protector), cancellationToken);

    private static Task<IResult> DeleteAsync(
        Guid id, HttpContext context, PlatformDb db, WebhookEndpointCommands commands, ChangeNotice notice,
        CancellationToken cancellationToken) =>
        ChangeAsync(
            id, context, db, notice, "delete", versions => commands.DeleteAsync(id, versions, cancellationToken),
            _ => TypedResults.NoContent(), cancellationToken);

    private static async Task<IResult> ChangeAsync(
        Guid id, HttpContext context, PlatformDb db, ChangeNotice notice, string action, Func<long[]?, Task<WebhookEndpoint?>> change,
        Func<WebhookEndpoint, IResult> answer, CancellationToken cancellationToken)
    {
        await using var transaction = await db.BeginAsync(cancellationToken);
        if (await change(EntityVersion.Required(context.Request)) is not { } row)
            return await FindAsync(db, id, cancellationToken) is null ? Problems.NotFound(What) : Problems.PreconditionFailed(What);
        await AuditLog.AddAsync(transaction, context.User, $"webhook-endpoint.{action}", id.ToString(), null, cancellationToken);
        Tell(notice, transaction, action == "delete" ? "deleted" : "updated", row);
        await transaction.CommitAsync(cancellationToken);
        return answer(row);
    }

    /// <summary>Index: webhook_endpoints_pkey.</summary>
    private static Task<WebhookEndpoint?> FindAsync(PlatformDb db, Guid id, CancellationToken cancellationToken) =>
        db.WebhookEndpoints.SingleOrDefaultAsync(row => row.Id == id, cancellationToken);

    private static void Tell(ChangeNotice notice, TenantTransaction transaction, string what, WebhookEndpoint row) =>
        notice.AfterCommit(transaction, $"webhook.endpoint_{what}", new { row.Id, row.Url }, Array.Empty<string>());

    private static Ok<WebhookEndpointResponse> Answer(HttpContext context, WebhookEndpoint row, SecretProtector protector, string? secret = null)
    {
        EntityVersion.Write(context, row.Version);
        var masked = WebhookEndpointResponse.From(row, protector);
        return TypedResults.Ok(secret is null ? masked : masked with { Secret = secret });
    }
}
