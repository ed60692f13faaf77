using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Platform.Api.Features.Auth;
using Platform.Api.Http;
using Platform.Data;
using Platform.Data.Webhooks;
using JsonOptions = Microsoft.AspNetCore.Http.Json.JsonOptions;

namespace Platform.Api.Features.OutgoingWebhooks;

/// <summary>What came of the calls to a tenant's endpoints, and calls somebody asks for.</summary>
internal static class WebhookDeliveryEndpoints
{
    /// <param name="group">That of the endpoints.</param>
    public static void MapWebhookDeliveries(this RouteGroupBuilder group)
    {
        group.MapPost("/{id:guid}/test", TestAsync)
            .WithSummary("Send a webhook endpoint a test event")
            .WithDescription(
                $"An event of type `{WebhookDeliveryCommands.TestType}` takes the way of every other: signed, tried three times, recorded, and " +
                "counted when it fails. Follow its job. 409 when the endpoint is disabled. With an `Idempotency-Key`, a repeated request sends one.")
            .Produces<WebhookDeliveryResponse>(202).ProducesProblem(400).ProducesProblem(404).ProducesProblem(409).ProducesValidationProblem(422);
        group.MapGet("/{id:guid}/deliveries", ListAsync)
            .WithSummary("List the deliveries of a webhook endpoint")
            .WithDescription(
                "Newest first, with what came of each: `status` is pending, delivered, failed or dropped. Beyond 100,000 `total` is null.")
            .Produces<Page<WebhookDeliveryResponse>>().ProducesProblem(400).ProducesProblem(404);
        group.MapPost("/{id:guid}/deliveries/{deliveryId:guid}/redeliver", RedeliverAsync)
            .WithSummary("Deliver an event once more")
            .WithDescription(
                "The same event with the same `webhook-id`, three attempts anew. Follow its job. 409 while it is on its way, or when the " +
                "endpoint is disabled. With an `Idempotency-Key`, a repeated request delivers once.")
            .Produces<WebhookDeliveryResponse>(202).ProducesProblem(400).ProducesProblem(404).ProducesProblem(409).ProducesValidationProblem(422);
    }

    /// <summary>Indexes: webhook_endpoints_pkey, webhook_deliveries_endpoint_idx.</summary>
    private static async Task<IResult> ListAsync(
        Guid id, [AsParameters] PageQuery query, HttpContext context, PlatformDb db, CursorCodec cursors, CancellationToken cancellationToken)
    {
        if (ListQuestion.Read(query, db.Tenant, $"webhook-deliveries:{id}", cursors, out var ask) is { } problem)
            return problem;
        if (!await db.WebhookEndpoints.AnyAsync(row => row.Id == id, cancellationToken))
            return Problems.NotFound("webhook endpoint");
        var all = db.WebhookDeliveries.Where(row => row.EndpointId == id);
        var rows = await ask.Of(all)
            // Payloads and bodies stay where they are.
            .Select(row => new WebhookDelivery
            {
                Id = row.Id, EventId = row.EventId, EventType = row.EventType, Payload = "", Status = row.Status, Attempts = row.Attempts,
                ResponseStatus = row.ResponseStatus, DurationMs = row.DurationMs, Error = row.Error, JobId = row.JobId,
                CreatedAt = row.CreatedAt, FinishedAt = row.FinishedAt,
            })
            .ToListAsync(cancellationToken);
        var page = ask.Page(
            rows.ConvertAll(WebhookDeliveryResponse.From), await ask.TotalAsync(rows.Count, all, cancellationToken),
            row => new Cursor(row.CreatedAt, row.Id), cursors);
        return PageAnswer.Ok(context, page);
    }

    private static Task<IResult> TestAsync(
        Guid id, HttpContext context, WebhookDeliveryCommands commands, Idempotency idempotency, IOptions<JsonOptions> json,
        CancellationToken cancellationToken) =>
        SendAsync(
            context, "test", id, null, idempotency, json, transaction => commands.TestAsync(transaction, id, cancellationToken), cancellationToken);

    private static Task<IResult> RedeliverAsync(
        Guid id, Guid deliveryId, HttpContext context, WebhookDeliveryCommands commands, Idempotency idempotency, IOptions<JsonOptions> json,
        CancellationToken cancellationToken) =>
        SendAsync(
            context, "redeliver", id, deliveryId, idempotency, json,
            transaction => commands.RedeliverAsync(transaction, id, deliveryId, cancellationToken), cancellationToken);

    private static Task<IResult> SendAsync(
        HttpContext context, string action, Guid id, Guid? deliveryId, Idempotency idempotency, IOptions<JsonOptions> json,
        Func<TenantTransaction, Task<(WebhookDelivery? Row, ProblemResult? Problem)>> send, CancellationToken cancellationToken) =>
        // A key's route doesn't name the rows: they are the input.
        idempotency.RunAsync(context, new { id, deliveryId }, async transaction =>
        {
            var (row, problem) = await send(transaction);
            if (row is null)
                return problem!;
            await AuditLog.AddAsync(
                transaction, context.User, $"webhook-endpoint.{action}", id.ToString(), new { deliveryId = row.Id }, cancellationToken);
            return StoredResponse.Accepted($"/api/jobs/{row.JobId}/status", WebhookDeliveryResponse.From(row), json.Value.SerializerOptions);
        }, cancellationToken);
}
