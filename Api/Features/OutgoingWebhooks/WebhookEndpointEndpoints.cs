using Microsoft.AspNetCore.Mvc;
using Platform.Api.Features.Webhooks;
using Platform.Api.Http;
using Platform.Data.Webhooks;
using Rows = Platform.Api.Features.Webhooks.WebhookRows<
    Platform.Data.Webhooks.WebhookEndpoint, Platform.Api.Features.OutgoingWebhooks.WebhookEndpointResponse>;

namespace Platform.Api.Features.OutgoingWebhooks;

/// <summary>Which other systems a tenant has told of its events.</summary>
internal static class WebhookEndpointEndpoints
{
    public static void AddOutgoingWebhooks(this WebApplicationBuilder builder) =>
        builder.Services.AddScoped<Rows>().AddScoped<WebhookEndpointCommands>().AddScoped<WebhookDeliveryCommands>();

    public static void MapOutgoingWebhooks(this IEndpointRouteBuilder endpoints)
    {
        var group = Rows.Map(endpoints);

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
            .Produces<WebhookEndpointResponse>(201).ProducesProblem(400).ProducesProblem(402).ProducesValidationProblem(422);
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

    private static Task<IResult> ListAsync(
        [AsParameters] PageQuery query, HttpContext context, Rows rows, CancellationToken cancellationToken) =>
        rows.ListAsync(query, context, cancellationToken);

    private static Task<IResult> GetAsync(Guid id, HttpContext context, Rows rows, CancellationToken cancellationToken) =>
        rows.GetAsync(id, context, cancellationToken);

    private static async Task<IResult> CreateAsync(
        [FromBody] WebhookEndpointInput input, HttpContext context, Rows rows, WebhookEndpointCommands commands,
        CancellationToken cancellationToken) =>
        input.Check(out var fields) is { Count: > 0 } errors
            ? Problems.Invalid(errors)
            : await rows.CreateAsync(context, fields!, async () =>
            {
                var secret = WebhookSecrets.Create();
                return (await commands.CreateAsync(fields!, secret, cancellationToken), masked => masked.Showing(secret));
            }, cancellationToken);

    private static async Task<IResult> UpdateAsync(
        Guid id, [FromBody] WebhookEndpointInput input, HttpContext context, Rows rows, WebhookEndpointCommands commands,
        CancellationToken cancellationToken) =>
        input.Check(out var fields) is { Count: > 0 } errors
            ? Problems.Invalid(errors)
            : await rows.UpdateAsync(id, context, () => commands.UpdateAsync(id, fields!, cancellationToken), null, cancellationToken);

    private static Task<IResult> RotateAsync(Guid id, HttpContext context, Rows rows, CancellationToken cancellationToken) =>
        rows.RotateAsync(id, context, null, null, cancellationToken);

    private static Task<IResult> EndPreviousAsync(Guid id, HttpContext context, Rows rows, CancellationToken cancellationToken) =>
        rows.EndPreviousAsync(id, context, null, cancellationToken);

    private static Task<IResult> DeleteAsync(Guid id, HttpContext context, Rows rows, CancellationToken cancellationToken) =>
        rows.DeleteAsync(id, context, null, cancellationToken);
}
