using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;
using Platform.Api.Features.Auth;
using Platform.Api.Features.Notifications;
using Platform.Api.Http;
using Platform.Caching;
using Platform.Data;
using Platform.Data.Contacts;
using Platform.Data.Conversations;
using Platform.Tenancy;
using JsonOptions = Microsoft.AspNetCore.Http.Json.JsonOptions;

namespace Platform.Api.Features.Conversations;

internal static class ConversationEndpoints
{
    public static void AddConversations(this WebApplicationBuilder builder) => builder.Services.AddSingleton<ConversationNotices>();

    public static void MapConversations(this IEndpointRouteBuilder endpoints)
    {
        var group = endpoints.MapGroup("/api/conversations").WithTags("Conversations");

        group.MapGet("/", ListAsync).RequirePermission(Permissions.ConversationsRead)
            .WithSummary("List conversations").WithDescription("Newest activity first. Beyond 10,000 `total` is null.")
            .Produces<Page<ConversationResponse>>().ProducesProblem(400);
        group.MapGet("/status", CountsAsync).RequirePermission(Permissions.ConversationsRead).Cached()
            .WithSummary("Count conversations")
            .WithDescription("By status; `unassigned` and `mine` are of those open or pending. A count beyond 10,000 is null.")
            .Produces<ConversationCounts>();
        group.MapGet("/{id:guid}", GetAsync).RequirePermission(Permissions.ConversationsRead)
            .WithSummary("Get a conversation").WithDescription("`ETag` is its version; send it back as `If-Match` with a change.")
            .Produces<ConversationResponse>().Produces(304).ProducesProblem(404);
        group.MapPost("/", CreateAsync).RequirePermission(Permissions.ConversationsWrite)
            .WithSummary("Start a conversation")
            .WithDescription("With an `Idempotency-Key`, a repeated request starts one and gets the first answer again, for a day.")
            .Produces<ConversationResponse>(201).ProducesProblem(400).ProducesValidationProblem(422);
        group.MapPut("/{id:guid}", UpdateAsync).RequirePermission(Permissions.ConversationsWrite)
            .WithSummary("Change status, subject and assignment")
            .WithDescription("All four are replaced: what is left out is emptied, a missing status is `open`. Its new agent is notified.")
            .Produces<ConversationResponse>()
            .ProducesProblem(400).ProducesProblem(404).ProducesProblem(412).ProducesValidationProblem(422);
        group.MapPost("/{id:guid}/read", ReadAsync).RequirePermission(Permissions.ConversationsWrite)
            .WithSummary("Mark a conversation as read")
            .Produces<ConversationResponse>().ProducesProblem(404);
        endpoints.MapMessages();
    }

    private static async Task<IResult> ListAsync(
        [AsParameters] PageQuery query, [AsParameters] ConversationFilter filter, HttpContext context, PlatformDb db, CursorCodec cursors,
        CancellationToken cancellationToken)
    {
        if (filter.Check(out filter) is { } problem)
            return problem;
        if (ListQuestion.Read(query, db.Tenant, $"conversations:{filter.KeyPart}", cursors, out var ask) is { } wrong)
            return wrong;
        var page = await ConversationQueries.PageAsync(db, filter, ask, cursors, cancellationToken);
        return PageAnswer.Ok(context, page);
    }

    private static ValueTask<IResult> CountsAsync(HttpContext context, TenantContext tenant, CachedAnswers answers)
    {
        // A machine has no conversations of its own.
        var user = context.User.FindUserId();
        return answers.GetAsync(
            context, CacheKinds.ConversationStatus, [CacheTag.For(tenant.Current, ConversationNotices.Subject)],
            ["counts", user?.ToString() ?? ""], user,
            static (db, user, cancellationToken) => ConversationQueries.CountsAsync(db, user, cancellationToken));
    }

    private static async Task<IResult> GetAsync(Guid id, HttpContext context, PlatformDb db, CancellationToken cancellationToken)
    {
        if (await ConversationQueries.FindAsync(db, id, cancellationToken) is not { } row)
            return Problems.NotFound("conversation");
        if (!EntityVersion.IsNotModified(context.Request, row.Version))
            return Answer(context, row);
        EntityVersion.Write(context, row.Version);
        return TypedResults.StatusCode(StatusCodes.Status304NotModified);
    }

    private static async Task<IResult> CreateAsync(
        [FromBody] NewConversationInput input, HttpContext context, PlatformDb db, Idempotency idempotency, ConversationNotices notices,
        Notifier notifier, IOptions<JsonOptions> json, CancellationToken cancellationToken)
    {
        var errors = ConversationRules.Check(null, input.Subject, input.AssignedAgentId, input.AssignedTeamId, out var fields).ToList();
        if (input.ContactId is null)
            errors.Add(new FieldError("contactId", "The contact is missing."));
        if (input.Channel is null || !Channels.All.Contains(input.Channel))
            errors.Add(new FieldError("channel", $"The channel must be one of: {string.Join(", ", Channels.All)}."));
        if (errors.Count > 0)
            return Problems.Invalid(errors);
        return await idempotency.RunAsync(context, new { input.ContactId, input.Channel, fields }, async transaction =>
        {
            var (row, problem) = await ConversationCommands.CreateAsync(db, input.ContactId!.Value, input.Channel!, fields!, cancellationToken);
            if (row is null)
                return problem!;
            await NotifyAsync(context, notifier, transaction, null, row, cancellationToken);
            notices.Changed(transaction, "created", row);
            return StoredResponse.Created(
                $"/api/conversations/{row.Id}", ConversationResponse.From(row), json.Value.SerializerOptions,
                EntityVersion.Tag(row.Version).ToString());
        }, cancellationToken);
    }

    private static async Task<IResult> UpdateAsync(
        Guid id, [FromBody] ConversationInput input, HttpContext context, PlatformDb db, ConversationNotices notices, Notifier notifier,
        CancellationToken cancellationToken)
    {
        if (ConversationRules.Check(input.Status, input.Subject, input.AssignedAgentId, input.AssignedTeamId, out var fields)
            is { Count: > 0 } errors)
            return Problems.Invalid(errors);
        await using var transaction = await db.BeginAsync(cancellationToken);
        if (await ConversationCommands.LockAsync(db, id, cancellationToken) is not { } before)
            return Problems.NotFound("conversation");
        if (!EntityVersion.Allows(context.Request, before.Version))
            return Problems.PreconditionFailed("conversation");
        var (row, problem) = await ConversationCommands.UpdateAsync(db, id, fields!, cancellationToken);
        if (row is null)
            return problem!;
        await NotifyAsync(context, notifier, transaction, before, row, cancellationToken);
        notices.Changed(transaction, "updated", row);
        await transaction.CommitAsync(cancellationToken);
        return Answer(context, row);
    }

    private static async Task<IResult> ReadAsync(
        Guid id, HttpContext context, PlatformDb db, ConversationNotices notices, CancellationToken cancellationToken)
    {
        await using var transaction = await db.BeginAsync(cancellationToken);
        if (await ConversationCommands.MarkReadAsync(db, id, cancellationToken) is { } row)
        {
            notices.Changed(transaction, "updated", row);
            await transaction.CommitAsync(cancellationToken);
            return Answer(context, row);
        }
        return await ConversationQueries.FindAsync(db, id, cancellationToken) is { } unchanged
            ? Answer(context, unchanged)
            : Problems.NotFound("conversation");
    }

    /// <summary>Whoever takes a conversation needn't be told so.</summary>
    private static async Task NotifyAsync(
        HttpContext context, Notifier notifier, TenantTransaction transaction, Conversation? before, Conversation row,
        CancellationToken cancellationToken)
    {
        if (row.AssignedAgentId is not { } agent || agent == before?.AssignedAgentId || agent == context.User.FindUserId())
            return;
        var body = row.Subject.Length > 0 ? $"{row.ContactName}: {row.Subject}" : row.ContactName;
        await notifier.NotifyAsync(
            transaction, agent, "conversation.assigned", "A conversation is yours", body, $"/inbox?conversation={row.Id}", cancellationToken);
    }

    private static Ok<ConversationResponse> Answer(HttpContext context, Conversation row)
    {
        EntityVersion.Write(context, row.Version);
        return TypedResults.Ok(ConversationResponse.From(row));
    }
}
