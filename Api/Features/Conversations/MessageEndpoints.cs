using Microsoft.AspNetCore.Mvc;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Platform.Api.Features.Auth;
using Platform.Api.Http;
using Platform.Data;
using Platform.Data.Billing;
using Platform.Data.Conversations;
using Platform.Tenancy;
using JsonOptions = Microsoft.AspNetCore.Http.Json.JsonOptions;

namespace Platform.Api.Features.Conversations;

/// <summary>What is said in a conversation.</summary>
internal static class MessageEndpoints
{
    public static void MapMessages(this IEndpointRouteBuilder endpoints)
    {
        var group = endpoints.MapGroup("/api/conversations/{id:guid}/messages").WithTags("Conversations");

        group.MapGet("/", ListAsync).RequirePermission(Permissions.ConversationsRead)
            .WithSummary("List a conversation's messages").WithDescription("Newest first. Beyond 10,000 `total` is null.")
            .Produces<Page<MessageResponse>>().ProducesProblem(400).ProducesProblem(404);
        group.MapGet("/{messageId:guid}", GetAsync).RequirePermission(Permissions.ConversationsRead)
            .WithSummary("Get a message")
            .Produces<MessageResponse>().ProducesProblem(404);
        group.MapPost("/", CreateAsync).RequirePermission(Permissions.ConversationsWrite)
            .WithSummary("Write a message")
            .WithDescription(
                "It goes out through the conversation's channel and is `queued` until then; what came in counts as read. With an " +
                "`Idempotency-Key`, a repeated request writes once and gets the first answer again, for a day. 402 when the plan's messages of this month are used up.")
            .Produces<MessageResponse>(201).ProducesProblem(400).ProducesProblem(402).ProducesProblem(404).ProducesValidationProblem(422);
    }

    /// <summary>Index: messages_conversation_idx.</summary>
    private static async Task<IResult> ListAsync(
        Guid id, [AsParameters] PageQuery query, HttpContext context, PlatformDb db, CursorCodec cursors, CancellationToken cancellationToken)
    {
        if (ListQuestion.Read(query, db.Tenant, $"messages:{id}", cursors, out var ask) is { } problem)
            return problem;
        var all = db.Messages.Where(row => row.ConversationId == id);
        var rows = await ask.Of(all).ToListAsync(cancellationToken);
        if (rows.Count == 0 && await ConversationQueries.FindAsync(db, id, cancellationToken) is null)
            return Problems.NotFound("conversation");
        var total = await ask.TotalAsync(rows.Count, all, cancellationToken, ConversationQueries.MaxCounted);
        var page = ask.Page(rows.ConvertAll(MessageResponse.From), total, row => new Cursor(row.CreatedAt, row.Id), cursors);
        return PageAnswer.Ok(context, page);
    }

    /// <summary>Index: messages_pkey.</summary>
    private static async Task<IResult> GetAsync(Guid id, Guid messageId, PlatformDb db, CancellationToken cancellationToken) =>
        await db.Messages.SingleOrDefaultAsync(row => row.Id == messageId && row.ConversationId == id, cancellationToken) is { } row
            ? TypedResults.Ok(MessageResponse.From(row))
            : Problems.NotFound("message");

    private static async Task<IResult> CreateAsync(
        Guid id, [FromBody] MessageInput input, HttpContext context, PlatformDb db, Idempotency idempotency, ConversationNotices notices,
        IOptions<JsonOptions> json, CancellationToken cancellationToken)
    {
        if (ConversationRules.CheckMessage(input.Body, out var body) is { Count: > 0 } errors)
            return Problems.Invalid(errors);
        var (author, name) = (context.User.FindUserId(), context.User.Identity?.Name is { Length: > 0 } known ? known : "API");
        // The route's pattern is part of the key, its id isn't.
        return await idempotency.RunAsync(context, new { id, body }, async transaction =>
        {
            if (await ConversationCommands.AddMessageAsync(db, id, author, name, body, cancellationToken) is not var (conversation, message))
                return Problems.NotFound("conversation");
            if (await Usage.TakeMessageAsync(transaction, cancellationToken) is var (used, allowed))
                return Problems.PlanExhausted(PlanLimits.MonthlyMessages, used, allowed);
            notices.Written(transaction, conversation, message);
            return StoredResponse.Created(
                $"/api/conversations/{id}/messages/{message.Id}", MessageResponse.From(message), json.Value.SerializerOptions);
        }, cancellationToken);
    }
}
