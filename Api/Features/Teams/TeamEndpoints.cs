using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;
using Platform.Api.Features.Auth;
using Platform.Api.Http;
using Platform.Caching;
using Platform.Data;
using Platform.Tenancy;
using JsonOptions = Microsoft.AspNetCore.Http.Json.JsonOptions;

namespace Platform.Api.Features.Teams;

internal static class TeamEndpoints
{
    internal const string Subject = "teams";

    public static void MapTeams(this IEndpointRouteBuilder endpoints)
    {
        var group = endpoints.MapGroup("/api/session/teams").WithTags("Teams");

        group.MapGet("/", ListAsync).RequirePermission(Permissions.TeamRead).Cached()
            .WithSummary("List teams").WithDescription("Newest first.")
            .Produces<Page<TeamResponse>>().ProducesProblem(400);
        group.MapGet("/{id:guid}", GetAsync).RequirePermission(Permissions.TeamRead).Cached()
            .WithSummary("Get a team").Produces<TeamResponse>().ProducesProblem(404);
        group.MapGet("/{id:guid}/members", MembersAsync).RequirePermission(Permissions.TeamRead).Cached()
            .WithSummary("List a team's members").Produces<Page<TeamMemberResponse>>().ProducesProblem(400).ProducesProblem(404);
        group.MapPost("/", CreateAsync).RequirePermission(Permissions.TeamManage)
            .WithSummary("Create a team").WithDescription("With an `Idempotency-Key`, a repeated request creates once.")
            .Produces<TeamResponse>(201).ProducesProblem(400).ProducesProblem(409).ProducesValidationProblem(422);
        group.MapPut("/{id:guid}", UpdateAsync).RequirePermission(Permissions.TeamManage)
            .WithSummary("Replace a team").Produces<TeamResponse>()
            .ProducesProblem(400).ProducesProblem(404).ProducesProblem(409).ProducesProblem(412).ProducesValidationProblem(422);
        group.MapDelete("/{id:guid}", DeleteAsync).RequirePermission(Permissions.TeamManage)
            .WithSummary("Delete a team").Produces(204).ProducesProblem(404).ProducesProblem(412);
        group.MapPut("/{id:guid}/members/{userId:guid}", AddMemberAsync).RequirePermission(Permissions.TeamManage)
            .WithSummary("Add a member to a team").Produces(204).ProducesProblem(404);
        group.MapDelete("/{id:guid}/members/{userId:guid}", RemoveMemberAsync).RequirePermission(Permissions.TeamManage)
            .WithSummary("Remove a member from a team").Produces(204).ProducesProblem(404);
    }

    internal static ValueTask<IResult> ListAsync(
        [AsParameters] PageQuery query, HttpContext context, TenantContext tenant, CursorCodec cursors, CachedAnswers answers) =>
        ListQuestion.Read(query, tenant.Current, "teams", cursors, out var ask) is { } problem
            ? new(problem)
            : answers.GetAsync(
                context, CacheKinds.Teams, [CacheTag.For(tenant.Current, Subject)], ["list", query.KeyPart], (ask, cursors),
                static (db, state, cancellationToken) => TeamQueries.PageAsync(db, state.ask, state.cursors, cancellationToken));

    private static ValueTask<IResult> GetAsync(Guid id, HttpContext context, TenantContext tenant, CachedAnswers answers) =>
        answers.GetAsync(
            context, CacheKinds.Teams, [CacheTag.For(tenant.Current, Subject)], ["detail", id.ToString()], id,
            static (db, id, cancellationToken) => TeamQueries.FindAsync(db, id, cancellationToken), "team");

    private static ValueTask<IResult> MembersAsync(
        Guid id, [AsParameters] PageQuery query, HttpContext context, TenantContext tenant, CursorCodec cursors, CachedAnswers answers) =>
        ListQuestion.Read(query, tenant.Current, $"teams:{id}:members", cursors, out var ask) is { } problem
            ? new(problem)
            : answers.GetAsync(
                context, CacheKinds.Teams, [CacheTag.For(tenant.Current, Subject), CacheTag.For(tenant.Current, "profiles")],
                ["members", id.ToString(), query.KeyPart], (id, ask, cursors),
                static (db, state, cancellationToken) => TeamQueries.MembersAsync(db, state.id, state.ask, state.cursors, cancellationToken),
                "team");

    private static async Task<IResult> CreateAsync(
        [FromBody] TeamInput input, HttpContext context, PlatformDb db, Idempotency idempotency, ChangeNotice notice,
        IOptions<JsonOptions> json, CancellationToken cancellationToken)
    {
        if (input.Check(out var tidy) is { Count: > 0 } errors)
            return Problems.Invalid(errors);
        return await idempotency.RunAsync(context, tidy, async transaction =>
        {
            var (id, problem) = await TeamCommands.CreateAsync(transaction, tidy, cancellationToken);
            if (problem is not null)
                return problem;
            notice.AfterCommit(transaction, "team.created", new { id, tidy.Name }, Subject);
            var team = (await TeamQueries.FindAsync(db, id, cancellationToken))!;
            return RowAnswer.Created($"/api/session/teams/{id}", team, json.Value.SerializerOptions);
        }, cancellationToken);
    }

    private static async Task<IResult> UpdateAsync(
        Guid id, [FromBody] TeamInput input, HttpContext context, PlatformDb db, ChangeNotice notice, CancellationToken cancellationToken)
    {
        if (input.Check(out var tidy) is { Count: > 0 } errors)
            return Problems.Invalid(errors);
        await using var transaction = await db.BeginAsync(cancellationToken);
        var (found, problem) = await TeamCommands.UpdateAsync(
            transaction, id, tidy, EntityVersion.Required(context.Request), cancellationToken);
        if (problem is not null)
            return problem;
        var team = await TeamQueries.FindAsync(db, id, cancellationToken);
        if (!found || team is null)
            return RowAnswer.Unchanged(team, "team");
        notice.AfterCommit(transaction, "team.updated", new { id, team.Name }, Subject);
        await transaction.CommitAsync(cancellationToken);
        return RowAnswer.Ok(context, team);
    }

    private static async Task<IResult> DeleteAsync(
        Guid id, HttpContext context, PlatformDb db, ChangeNotice notice, CancellationToken cancellationToken)
    {
        await using var transaction = await db.BeginAsync(cancellationToken);
        if (!await TeamCommands.DeleteAsync(transaction, id, EntityVersion.Required(context.Request), cancellationToken))
            return RowAnswer.Unchanged(await TeamQueries.FindAsync(db, id, cancellationToken), "team");
        notice.AfterCommit(transaction, "team.deleted", new { id }, Subject);
        await transaction.CommitAsync(cancellationToken);
        return TypedResults.NoContent();
    }

    private static Task<IResult> AddMemberAsync(
        Guid id, Guid userId, PlatformDb db, ChangeNotice notice, CancellationToken cancellationToken) =>
        ChangeMembersAsync(db, notice, id, userId, "team.member_added", TeamCommands.AddMemberAsync, cancellationToken);

    private static Task<IResult> RemoveMemberAsync(
        Guid id, Guid userId, PlatformDb db, ChangeNotice notice, CancellationToken cancellationToken) =>
        ChangeMembersAsync(db, notice, id, userId, "team.member_removed", TeamCommands.RemoveMemberAsync, cancellationToken);

    private static async Task<IResult> ChangeMembersAsync(
        PlatformDb db, ChangeNotice notice, Guid id, Guid userId, string what,
        Func<TenantTransaction, Guid, Guid, CancellationToken, Task<bool>> change, CancellationToken cancellationToken)
    {
        await using var transaction = await db.BeginAsync(cancellationToken);
        if (!await change(transaction, id, userId, cancellationToken))
            return Problems.NotFound("team or member");
        notice.AfterCommit(transaction, what, new { id, userId }, Subject);
        await transaction.CommitAsync(cancellationToken);
        return TypedResults.NoContent();
    }
}
