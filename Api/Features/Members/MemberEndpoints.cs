using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;
using Platform.Api.Features.Auth;
using Platform.Api.Http;
using Platform.Data.Placement;
using Platform.Tenancy;
using JsonOptions = Microsoft.AspNetCore.Http.Json.JsonOptions;

namespace Platform.Api.Features.Members;

internal static class MemberEndpoints
{
    private const string List = "members";

    public static void MapMembers(this IEndpointRouteBuilder endpoints)
    {
        var group = endpoints.MapGroup("/api/admin/members").WithTags("Members");
        group.MapGet("/", ListAsync).RequirePermission(Permissions.TeamManage)
            .WithSummary("List members").WithDescription("Those who joined last first.")
            .Produces<Page<MemberResponse>>().ProducesProblem(400);
        group.MapGet("/{id:guid}", GetAsync).RequirePermission(Permissions.TeamManage)
            .WithSummary("Get a member").Produces<MemberResponse>().Produces(304).ProducesProblem(404);
        group.MapPost("/", AddAsync).RequirePermission(Permissions.TeamManage)
            .WithSummary("Add a member by e-mail address")
            .WithDescription("Who has no account yet is invited: the answer shows the link to pass on, this once. With an `Idempotency-Key`, a repeated " +
                "request adds once; its answer has no link. 402 when every seat is taken: `limit`, `used` and `allowed` say so.")
            .Produces<AddedMemberResponse>(201)
            .ProducesProblem(400).ProducesProblem(402).ProducesProblem(403).ProducesProblem(409).ProducesValidationProblem(422);
        group.MapPatch("/{id:guid}", ChangeAsync).RequirePermission(Permissions.TeamManage)
            .WithSummary("Change a member's roles").WithDescription("Holds for the member's next request.")
            .Produces<MemberResponse>()
            .ProducesProblem(403).ProducesProblem(404).ProducesProblem(409).ProducesProblem(412).ProducesValidationProblem(422);
        group.MapDelete("/{id:guid}", RemoveAsync).RequirePermission(Permissions.TeamManage)
            .WithSummary("Remove a member").WithDescription("Ends the member's sessions in this tenant at once.")
            .Produces(204).ProducesProblem(403).ProducesProblem(404).ProducesProblem(409).ProducesProblem(412);
    }

    private static async Task<IResult> ListAsync(
        [AsParameters] PageQuery query, HttpContext context, DirectoryDb directory, CursorCodec cursors, CancellationToken cancellationToken)
    {
        var db = directory.Deciding;
        if (ListQuestion.Read(query, db.Tenant, List, cursors, out var ask) is { } problem)
            return problem;
        await using var transaction = await db.BeginAsync(cancellationToken);
        var rows = await MemberStore.ListAsync(transaction, ask, cancellationToken);
        var total = await ask.TotalAsync(rows.Count, async () => await MemberStore.CountAsync(transaction, cancellationToken));
        return PageAnswer.Ok(context, ask.Page(rows, total, row => new Cursor(row.JoinedAt, row.UserId), cursors));
    }

    private static async Task<IResult> GetAsync(
        Guid id, HttpContext context, DirectoryDb directory, IOptions<JsonOptions> json, CancellationToken cancellationToken)
    {
        await using var transaction = await directory.Deciding.BeginAsync(cancellationToken);
        return RowAnswer.GetComposed(
            context, await MemberStore.FindAsync(transaction, id, cancellationToken), "member", json.Value.SerializerOptions);
    }

    private static async Task<IResult> AddAsync(
        [FromBody] MemberInput input, HttpContext context, MemberCommands commands, Idempotency idempotency, IOptions<JsonOptions> json,
        CancellationToken cancellationToken)
    {
        if (MemberRules.Check(input, out var email, out var name, out var roles) is { Count: > 0 } errors)
            return Problems.Invalid(errors);
        context.Response.Headers.CacheControl = "no-store";
        var passwordHash = commands.CreatePasswordHash();
        AddedMemberResponse? shown = null;
        var answer = await idempotency.RunAsync(context, new MemberInput(email, name, roles), async transaction =>
        {
            var (added, problem) = await commands.AddAsync(transaction, context.User, email, name, roles, passwordHash, cancellationToken);
            if (added is null)
                return problem!;
            shown = added;
            // What is kept for repeated requests has no link in it.
            return StoredResponse.Created(
                $"/api/admin/members/{added.Member.UserId}",
                added with { Invitation = added.Invitation is { } invitation ? invitation with { Link = null } : null },
                json.Value.SerializerOptions, EntityVersion.Tag(added.Member.Version).ToString());
        }, cancellationToken);
        return StoredResponse.Showing(answer, shown, json.Value.SerializerOptions);
    }

    private static async Task<IResult> ChangeAsync(
        Guid id, [FromBody] MemberChange input, HttpContext context, MemberCommands commands, CancellationToken cancellationToken)
    {
        if (MemberRules.CheckRoles(input.Roles, out var roles) is { } error)
            return Problems.Invalid([error]);
        var (member, problem) = await commands.ChangeAsync(
            context.User, id, input.Roles is null ? null : roles, EntityVersion.Required(context.Request), cancellationToken);
        return (IResult?)problem ?? RowAnswer.Ok(context, member!);
    }

    private static async Task<IResult> RemoveAsync(
        Guid id, HttpContext context, MemberCommands commands, CancellationToken cancellationToken) =>
        (IResult?)await commands.RemoveAsync(context.User, id, EntityVersion.Required(context.Request), cancellationToken)
        ?? TypedResults.NoContent();
}
