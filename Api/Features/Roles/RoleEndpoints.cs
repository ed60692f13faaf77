using System.Security.Claims;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;
using Platform.Api.Features.Auth;
using Platform.Api.Features.Members;
using Platform.Api.Http;
using Platform.Caching;
using Platform.Data;
using Platform.Data.Placement;
using Platform.Tenancy;
using JsonOptions = Microsoft.AspNetCore.Http.Json.JsonOptions;

namespace Platform.Api.Features.Roles;

internal static class RoleEndpoints
{
    // Carried by everybody's cached permissions; a new role is nobody's yet.
    internal const string Subject = "roles";

    private const string PermissionsSubject = "permissions";

    public static void MapRoles(this IEndpointRouteBuilder endpoints)
    {
        var group = endpoints.MapGroup("/api/session/roles").WithTags("Roles");

        group.MapGet("/", ListAsync).RequirePermission(Permissions.TeamRead).Cached()
            .WithSummary("List roles").WithDescription("Newest first, each with its permissions.")
            .Produces<Page<RoleResponse>>().ProducesProblem(400);
        group.MapGet("/{id:guid}", GetAsync).RequirePermission(Permissions.TeamRead).Cached()
            .WithSummary("Get a role").Produces<RoleResponse>().ProducesProblem(404);
        group.MapGet("/{id:guid}/members", MembersAsync).RequirePermission(Permissions.TeamRead).Cached()
            .WithSummary("List a role's members").Produces<Page<RoleMember>>().ProducesProblem(400).ProducesProblem(404);
        group.MapPost("/", CreateAsync).RequirePermission(Permissions.TeamManage)
            .WithSummary("Create a role").WithDescription("With an `Idempotency-Key`, a repeated request creates once.")
            .Produces<RoleResponse>(201).ProducesProblem(400).ProducesProblem(409).ProducesValidationProblem(422);
        group.MapPut("/{id:guid}", UpdateAsync).RequirePermission(Permissions.TeamManage)
            .WithSummary("Replace a role").WithDescription("Members may do what it says from their next request on.")
            .Produces<RoleResponse>()
            .ProducesProblem(400).ProducesProblem(404).ProducesProblem(409).ProducesProblem(412).ProducesValidationProblem(422);
        group.MapDelete("/{id:guid}", DeleteAsync).RequirePermission(Permissions.TeamManage)
            .WithSummary("Delete a role").WithDescription("Its members lose it.")
            .Produces(204).ProducesProblem(404).ProducesProblem(409).ProducesProblem(412);
        group.MapPut("/{id:guid}/members/{userId:guid}", AssignAsync).RequirePermission(Permissions.TeamManage)
            .WithSummary("Give a member a role").Produces(204).ProducesProblem(404);
        group.MapDelete("/{id:guid}/members/{userId:guid}", UnassignAsync).RequirePermission(Permissions.TeamManage)
            .WithSummary("Take a role from a member").Produces(204).ProducesProblem(404).ProducesProblem(409);
    }

    internal static ValueTask<IResult> ListAsync(
        [AsParameters] PageQuery query, HttpContext context, TenantContext tenant, CursorCodec cursors, CachedAnswers answers) =>
        ListQuestion.Read(query, tenant.Current, "roles", cursors, out var ask) is { } problem
            ? new(problem)
            : answers.GetAsync(
                context, CacheKinds.Roles, [CacheTag.For(tenant.Current, Subject)], ["list", query.KeyPart], (ask, cursors),
                static (db, state, cancellationToken) => RoleQueries.PageAsync(db, state.ask, state.cursors, cancellationToken));

    private static ValueTask<IResult> GetAsync(Guid id, HttpContext context, TenantContext tenant, CachedAnswers answers) =>
        answers.GetAsync(
            context, CacheKinds.Roles, [CacheTag.For(tenant.Current, Subject)], ["detail", id.ToString()], id,
            static (db, id, cancellationToken) => RoleQueries.FindAsync(db, id, cancellationToken), "role");

    private static ValueTask<IResult> MembersAsync(
        Guid id, [AsParameters] PageQuery query, HttpContext context, TenantContext tenant, CursorCodec cursors, CachedAnswers answers) =>
        ListQuestion.Read(query, tenant.Current, $"roles:{id}:members", cursors, out var ask) is { } problem
            ? new(problem)
            : answers.GetAsync(
                context, CacheKinds.Roles, [CacheTag.For(tenant.Current, Subject), CacheTag.For(tenant.Current, "profiles")],
                ["members", id.ToString(), query.KeyPart], (id, ask, cursors),
                static (db, state, cancellationToken) => RoleQueries.MembersAsync(db, state.id, state.ask, state.cursors, cancellationToken),
                "role");

    private static async Task<IResult> CreateAsync(
        [FromBody] RoleInput input, HttpContext context, DirectoryDb directory, Idempotency idempotency, ChangeNotice notice,
        IOptions<JsonOptions> json, CancellationToken cancellationToken)
    {
        if (input.Check(out var name, out var permissions) is { Count: > 0 } errors)
            return Problems.Invalid(errors);
        if (Exceeds(context.User, permissions) is { } exceeds)
            return exceeds;
        return await idempotency.RunAsync(context, new RoleInput(name, permissions), async transaction =>
        {
            var deciding = await directory.JoinAsync(transaction, cancellationToken);
            var (id, problem) = await RoleCommands.CreateAsync(deciding, name, permissions, cancellationToken);
            if (problem is not null)
                return problem;
            notice.AfterCommit(transaction, "role.created", new { id, name }, Subject);
            var role = (await RoleQueries.FindAsync(directory.Deciding, id, cancellationToken))!;
            return RowAnswer.Created($"/api/session/roles/{id}", role, json.Value.SerializerOptions);
        }, cancellationToken);
    }

    private static async Task<IResult> UpdateAsync(
        Guid id, [FromBody] RoleInput input, HttpContext context, PlatformDb db, DirectoryDb directory, ChangeNotice notice,
        CancellationToken cancellationToken)
    {
        if (input.Check(out var name, out var permissions) is { Count: > 0 } errors)
            return Problems.Invalid(errors);
        await using var transaction = await db.BeginAsync(cancellationToken);
        var deciding = await directory.JoinAsync(transaction, cancellationToken);
        await MemberStore.LockAsync(deciding, cancellationToken);
        var before = await RoleQueries.FindAsync(directory.Deciding, id, cancellationToken);
        if (Exceeds(context.User, permissions.Except(before?.Permissions ?? []).Concat((before?.Permissions ?? []).Except(permissions))) is { } exceeds)
            return exceeds;
        var (found, problem) = await RoleCommands.UpdateAsync(
            deciding, id, name, permissions, EntityVersion.Required(context.Request), cancellationToken);
        if (problem is not null)
            return problem;
        var role = await RoleQueries.FindAsync(directory.Deciding, id, cancellationToken);
        if (!found || role is null)
            return RowAnswer.Unchanged(role, "role");
        notice.AfterCommit(transaction, "role.updated", new { id, name }, Subject, PermissionsSubject);
        await transaction.CommitAsync(cancellationToken);
        return RowAnswer.Ok(context, role);
    }

    private static async Task<IResult> DeleteAsync(
        Guid id, HttpContext context, PlatformDb db, DirectoryDb directory, ChangeNotice notice,
        CancellationToken cancellationToken)
    {
        await using var transaction = await db.BeginAsync(cancellationToken);
        var deciding = await directory.JoinAsync(transaction, cancellationToken);
        await MemberStore.LockAsync(deciding, cancellationToken);
        if (await ExceedsAsync(context.User, directory, id, cancellationToken) is { } exceeds)
            return exceeds;
        var (found, problem) = await RoleCommands.DeleteAsync(
            deciding, id, EntityVersion.Required(context.Request), cancellationToken);
        if (problem is not null)
            return problem;
        if (!found)
            return RowAnswer.Unchanged(await RoleQueries.FindAsync(directory.Deciding, id, cancellationToken), "role");
        notice.AfterCommit(transaction, "role.deleted", new { id }, Subject, PermissionsSubject);
        await transaction.CommitAsync(cancellationToken);
        return TypedResults.NoContent();
    }

    private static async Task<IResult> AssignAsync(
        Guid id, Guid userId, HttpContext context, PlatformDb db, DirectoryDb directory, ChangeNotice notice,
        CancellationToken cancellationToken)
    {
        await using var transaction = await db.BeginAsync(cancellationToken);
        var deciding = await directory.JoinAsync(transaction, cancellationToken);
        await MemberStore.LockAsync(deciding, cancellationToken);
        if (await ExceedsAsync(context.User, directory, id, cancellationToken) is { } exceeds)
            return exceeds;
        if (!await RoleCommands.AssignAsync(deciding, id, userId, cancellationToken))
            return Problems.NotFound("role or member");
        notice.AfterCommit(transaction, "role.assigned", new { id, userId }, Subject, PermissionsSubject);
        await transaction.CommitAsync(cancellationToken);
        return TypedResults.NoContent();
    }

    private static async Task<IResult> UnassignAsync(
        Guid id, Guid userId, HttpContext context, PlatformDb db, DirectoryDb directory, ChangeNotice notice,
        CancellationToken cancellationToken)
    {
        await using var transaction = await db.BeginAsync(cancellationToken);
        var deciding = await directory.JoinAsync(transaction, cancellationToken);
        await MemberStore.LockAsync(deciding, cancellationToken);
        if (await ExceedsAsync(context.User, directory, id, cancellationToken) is { } exceeds)
            return exceeds;
        var (found, problem) = await RoleCommands.UnassignAsync(deciding, id, userId, cancellationToken);
        if (problem is not null)
            return problem;
        if (!found)
            return Problems.NotFound("role or member");
        notice.AfterCommit(transaction, "role.unassigned", new { id, userId }, Subject, PermissionsSubject);
        await transaction.CommitAsync(cancellationToken);
        return TypedResults.NoContent();
    }

    /// <summary>A role one doesn't hold can be neither given nor taken; one that doesn't exist is told of later.</summary>
    private static async Task<ProblemResult?> ExceedsAsync(
        ClaimsPrincipal user, DirectoryDb directory, Guid id, CancellationToken cancellationToken) =>
        await RoleQueries.FindAsync(directory.Deciding, id, cancellationToken) is { } role ? Exceeds(user, role.Permissions) : null;

    /// <summary>Who manages the team must not make more of themselves than they are.</summary>
    private static ProblemResult? Exceeds(ClaimsPrincipal user, IEnumerable<string> permissions) =>
        permissions.FirstOrDefault(permission => !user.Holds(permission)) is { } missing
            ? Problems.Forbidden($"You don't hold '{missing}': you can't give or take it.")
            : null;
}
