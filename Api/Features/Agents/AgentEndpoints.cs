using System.ComponentModel;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;
using Platform.Api.Features.Auth;
using Platform.Api.Http;
using Platform.Caching;
using Platform.Data;
using Platform.Data.Teams;
using Platform.Tenancy;
using JsonOptions = Microsoft.AspNetCore.Http.Json.JsonOptions;

namespace Platform.Api.Features.Agents;

internal static class AgentEndpoints
{
    internal const string Subject = "agents";

    public static void MapAgents(this IEndpointRouteBuilder endpoints)
    {
        var group = endpoints.MapGroup("/api/session/agents").WithTags("Agents");

        group.MapGet("/", ListAsync).RequirePermission(Permissions.TeamRead).Cached()
            .WithSummary("List agents").WithDescription("Newest first.")
            .Produces<Page<AgentResponse>>().ProducesProblem(400);
        group.MapGet("/{id:guid}", GetAsync).RequirePermission(Permissions.TeamRead).Cached()
            .WithSummary("Get an agent").WithDescription("An agent's id is the user's.")
            .Produces<AgentResponse>().ProducesProblem(404);
        group.MapPost("/", CreateAsync).RequirePermission(Permissions.TeamManage)
            .WithSummary("Make a member an agent").WithDescription("With an `Idempotency-Key`, a repeated request creates once.")
            .Produces<AgentResponse>(201).ProducesProblem(400).ProducesProblem(409).ProducesValidationProblem(422);
        group.MapPut("/{id:guid}", UpdateAsync).RequirePermission(Permissions.TeamManage)
            .WithSummary("Replace what is said of an agent").Produces<AgentResponse>()
            .ProducesProblem(400).ProducesProblem(404).ProducesProblem(412).ProducesValidationProblem(422);
        group.MapDelete("/{id:guid}", DeleteAsync).RequirePermission(Permissions.TeamManage)
            .WithSummary("Have a member be no agent any more").Produces(204).ProducesProblem(404).ProducesProblem(412);
    }

    internal static ValueTask<IResult> ListAsync(
        [AsParameters] PageQuery query,
        [Description("Only those who are `online`, `away` or `offline`.")] string? status,
        HttpContext context, TenantContext tenant, CursorCodec cursors, CachedAnswers answers)
    {
        if (status is not (null or AgentStatus.Online or AgentStatus.Away or AgentStatus.Offline))
            return new(Problems.BadRequest($"'status' must be {AgentStatus.Online}, {AgentStatus.Away} or {AgentStatus.Offline}."));
        return ListQuestion.Read(query, tenant.Current, $"agents:{status}", cursors, out var ask) is { } problem
            ? new(problem)
            : answers.GetAsync(
                context, CacheKinds.Agents, [CacheTag.For(tenant.Current, Subject), CacheTag.For(tenant.Current, "profiles")],
                ["list", query.KeyPart, status ?? ""], (status, ask, cursors),
                static (db, state, cancellationToken) => AgentQueries.PageAsync(db, state.status, state.ask, state.cursors, cancellationToken));
    }

    private static ValueTask<IResult> GetAsync(Guid id, HttpContext context, TenantContext tenant, CachedAnswers answers) =>
        answers.GetAsync(
            context, CacheKinds.Agents, [CacheTag.For(tenant.Current, Subject), CacheTag.For(tenant.Current, "profiles")],
            ["detail", id.ToString()], id, static (db, id, cancellationToken) => AgentQueries.FindAsync(db, id, cancellationToken), "agent");

    private static async Task<IResult> CreateAsync(
        [FromBody] NewAgentInput input, HttpContext context, PlatformDb db, Idempotency idempotency, ChangeNotice notice,
        IOptions<JsonOptions> json, CancellationToken cancellationToken)
    {
        var errors = new AgentInput(input.Status, input.Capacity, input.Skills).Check(out var tidy);
        if (input.UserId is not { } id)
            return Problems.Invalid([new("userId", "The member is missing."), .. errors]);
        if (errors.Count > 0)
            return Problems.Invalid(errors);
        return await idempotency.RunAsync(context, new NewAgentInput(id, tidy.Status, tidy.Capacity, tidy.Skills), async transaction =>
        {
            if (await AgentCommands.CreateAsync(transaction, id, tidy, cancellationToken) is { } problem)
                return problem;
            notice.AfterCommit(transaction, "agent.created", new { id, tidy.Status }, Subject);
            var agent = (await AgentQueries.FindAsync(db, id, cancellationToken))!;
            return RowAnswer.Created($"/api/session/agents/{id}", agent, json.Value.SerializerOptions);
        }, cancellationToken);
    }

    private static async Task<IResult> UpdateAsync(
        Guid id, [FromBody] AgentInput input, HttpContext context, PlatformDb db, ChangeNotice notice, CancellationToken cancellationToken)
    {
        if (input.Check(out var tidy) is { Count: > 0 } errors)
            return Problems.Invalid(errors);
        await using var transaction = await db.BeginAsync(cancellationToken);
        var found = await AgentCommands.UpdateAsync(transaction, id, tidy, EntityVersion.Required(context.Request), cancellationToken);
        var agent = await AgentQueries.FindAsync(db, id, cancellationToken);
        if (!found || agent is null)
            return RowAnswer.Unchanged(agent, "agent");
        notice.AfterCommit(transaction, "agent.updated", new { id, agent.Status, agent.Capacity }, Subject);
        await transaction.CommitAsync(cancellationToken);
        return RowAnswer.Ok(context, agent);
    }

    private static async Task<IResult> DeleteAsync(
        Guid id, HttpContext context, PlatformDb db, ChangeNotice notice, CancellationToken cancellationToken)
    {
        await using var transaction = await db.BeginAsync(cancellationToken);
        if (!await AgentCommands.DeleteAsync(transaction, id, EntityVersion.Required(context.Request), cancellationToken))
            return RowAnswer.Unchanged(await AgentQueries.FindAsync(db, id, cancellationToken), "agent");
        notice.AfterCommit(transaction, "agent.deleted", new { id }, Subject);
        await transaction.CommitAsync(cancellationToken);
        return TypedResults.NoContent();
    }
}
