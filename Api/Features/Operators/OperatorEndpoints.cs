using System.Security.Claims;
using Microsoft.AspNetCore.Mvc;
using Platform.Api.Features.Auth;
using Platform.Api.Http;
using Platform.Caching;
using Platform.Tenancy;

namespace Platform.Api.Features.Operators;

/// <summary>What operators do to tenants from outside. Each call leaves a line in the operators' audit.</summary>
internal static class OperatorEndpoints
{
    private const string List = "operator-tenants";

    // Cursors are sealed for a tenant; operators have none.
    private static readonly TenantId Nobody = new(new Guid("ffffffff-ffff-ffff-ffff-ffffffffffff"));

    private static readonly string[] Plans = [.. Enum.GetNames<Plan>().Select(name => name.ToLowerInvariant())];

    public static void MapOperators(this IEndpointRouteBuilder endpoints)
    {
        var group = endpoints.MapGroup("/api/operator/tenants").WithTags("Operators").RequireOperator();
        group.MapGet("/", ListAsync).WithSummary("List tenants").WithDescription("Newest first.")
            .Produces<Page<OperatedTenant>>().ProducesProblem(400).ProducesProblem(403);
        group.MapPost("/{id:guid}/suspend", SuspendAsync).WithSummary("Suspend a tenant")
            .WithDescription("Its people and machines are out at once, its live connections are closed.")
            .Produces(204).ProducesProblem(403).ProducesProblem(404);
        group.MapPost("/{id:guid}/resume", ResumeAsync).WithSummary("End a suspension")
            .Produces(204).ProducesProblem(403).ProducesProblem(404);
        group.MapPut("/{id:guid}/plan", ChangePlanAsync).WithSummary("Change a tenant's plan")
            .Produces(204).ProducesProblem(403).ProducesProblem(404).ProducesValidationProblem(422);
    }

    private static async Task<IResult> ListAsync(
        [AsParameters] PageQuery query, HttpContext context, OperatorStore store, CursorCodec cursors, CancellationToken cancellationToken)
    {
        if (ListQuestion.Read(query, Nobody, List, cursors, out var ask) is { } problem)
            return problem;
        var user = context.User.UserId();
        var rows = await store.ListAsync(user, ask, cancellationToken);
        var total = await ask.TotalAsync(rows.Count, async () => await store.CountAsync(user, cancellationToken));
        return PageAnswer.Ok(context, ask.Page(rows, total, row => new Cursor(row.CreatedAt, row.Id), cursors));
    }

    private static async Task<IResult> SuspendAsync(
        Guid id, ClaimsPrincipal user, OperatorStore store, IPermissionChanges changes, CancellationToken cancellationToken)
    {
        if (id == Guid.Empty || !await store.ChangeAsync(user.UserId(), id, "suspend", null, cancellationToken))
            return Problems.NotFound("tenant");
        await changes.SuspendedAsync(new TenantId(id));
        return TypedResults.NoContent();
    }

    private static async Task<IResult> ResumeAsync(
        Guid id, ClaimsPrincipal user, OperatorStore store, IPermissionChanges changes, CancellationToken cancellationToken)
    {
        if (id == Guid.Empty || !await store.ChangeAsync(user.UserId(), id, "resume", null, cancellationToken))
            return Problems.NotFound("tenant");
        await changes.ResumedAsync(new TenantId(id));
        return TypedResults.NoContent();
    }

    private static async Task<IResult> ChangePlanAsync(
        Guid id, [FromBody] PlanInput input, ClaimsPrincipal user, OperatorStore store, TenantCache cache,
        CancellationToken cancellationToken)
    {
        if (!Plans.Contains(input.Plan, StringComparer.Ordinal))
            return Problems.Invalid("plan", $"The plan is one of {string.Join(", ", Plans)}.");
        if (id == Guid.Empty || !await store.ChangeAsync(user.UserId(), id, "plan", input.Plan, cancellationToken))
            return Problems.NotFound("tenant");
        // Limits, subscription, usage: who knows what depends on the plan.
        await cache.InvalidateAsync(CacheTag.All(new TenantId(id)));
        return TypedResults.NoContent();
    }
}
