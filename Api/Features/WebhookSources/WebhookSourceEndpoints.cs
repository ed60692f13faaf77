using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using Platform.Api.Features.Webhooks;
using Platform.Api.Http;
using Platform.Data;
using Platform.Data.Webhooks;
using Rows = Platform.Api.Features.Webhooks.WebhookRows<
    Platform.Data.Webhooks.WebhookSource, Platform.Api.Features.WebhookSources.WebhookSourceResponse>;

namespace Platform.Api.Features.WebhookSources;

/// <summary>Which other systems may call a tenant.</summary>
internal static class WebhookSourceEndpoints
{
    public static void AddWebhookSources(this WebApplicationBuilder builder) =>
        builder.Services.AddScoped<Rows>().AddScoped<WebhookSourceCommands>();

    public static void MapWebhookSources(this IEndpointRouteBuilder endpoints)
    {
        var group = Rows.Map(endpoints);

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
            .Produces<WebhookSourceResponse>(201).ProducesProblem(400).ProducesProblem(402).ProducesValidationProblem(422);
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

    private static Task<IResult> ListAsync(
        [AsParameters] PageQuery query, HttpContext context, Rows rows, CancellationToken cancellationToken) =>
        rows.ListAsync(query, context, cancellationToken);

    private static Task<IResult> GetAsync(Guid id, HttpContext context, Rows rows, CancellationToken cancellationToken) =>
        rows.GetAsync(id, context, cancellationToken);

    /// <summary>Index: webhook_events_source_idx.</summary>
    private static async Task<IResult> EventsAsync(
        Guid id, [AsParameters] PageQuery query, HttpContext context, Rows sources, PlatformDb db, CursorCodec cursors,
        CancellationToken cancellationToken)
    {
        const int MaxCounted = 10_000;
        if (ListQuestion.Read(query, db.Tenant, $"webhook-events:{id}", cursors, out var ask) is { } problem)
            return problem;
        if (await sources.FindAsync(id, cancellationToken) is null)
            return Problems.NotFound("webhook source");
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
        var total = await ask.TotalAsync(rows.Count, all, cancellationToken, MaxCounted);
        var page = ask.Page(rows, total, row => new Cursor(row.ReceivedAt, row.Id), cursors);
        return PageAnswer.Ok(context, page);
    }

    private static async Task<IResult> CreateAsync(
        [FromBody] NewWebhookSourceInput input, HttpContext context, Rows rows, WebhookSourceCommands commands,
        CancellationToken cancellationToken) =>
        WebhookRules.CheckNew(input.Provider, input.Name, input.Secret, out var name) is { Count: > 0 } errors
            ? Problems.Invalid(errors)
            : await rows.CreateAsync(context, input with { Name = name }, async () =>
            {
                var secret = input.Secret ?? WebhookSecrets.Create();
                var (row, token) = await commands.CreateAsync(input.Provider!, name, secret, cancellationToken);
                return (row, masked => (input.Secret is null ? masked.Showing(secret) : masked) with { VerifyToken = token });
            }, cancellationToken);

    private static async Task<IResult> UpdateAsync(
        Guid id, [FromBody] WebhookSourceInput input, HttpContext context, Rows rows, WebhookSourceCommands commands, KnownSources known,
        CancellationToken cancellationToken) =>
        WebhookRules.CheckName(input.Name, out var name) is { Count: > 0 } errors
            ? Problems.Invalid(errors)
            : await rows.UpdateAsync(id, context, () => commands.UpdateAsync(id, name, input.Disabled, cancellationToken), known.Forget, cancellationToken);

    private static async Task<IResult> RotateAsync(
        Guid id, [FromBody] RotateSecretInput input, HttpContext context, Rows rows, KnownSources known, CancellationToken cancellationToken)
    {
        if (await rows.FindAsync(id, cancellationToken) is not { } row)
            return Problems.NotFound("webhook source");
        // A source's provider never changes.
        return WebhookRules.CheckSecret(row.Provider, input.Secret) is { Count: > 0 } errors
            ? Problems.Invalid(errors)
            : await rows.RotateAsync(id, context, input.Secret, known.Forget, cancellationToken);
    }

    private static Task<IResult> EndPreviousAsync(
        Guid id, HttpContext context, Rows rows, KnownSources known, CancellationToken cancellationToken) =>
        rows.EndPreviousAsync(id, context, known.Forget, cancellationToken);

    private static Task<IResult> DeleteAsync(Guid id, HttpContext context, Rows rows, KnownSources known, CancellationToken cancellationToken) =>
        rows.DeleteAsync(id, context, known.Forget, cancellationToken);
}
