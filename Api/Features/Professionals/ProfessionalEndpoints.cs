using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;
using Platform.Api.Features.Auth;
using Platform.Api.Http;
using Platform.Caching;
using Platform.Data;
using Platform.Data.Scheduling;
using Platform.Tenancy;
using JsonOptions = Microsoft.AspNetCore.Http.Json.JsonOptions;

namespace Platform.Api.Features.Professionals;

internal static class ProfessionalEndpoints
{
    private const string Subject = "professionals";

    public static void MapProfessionals(this IEndpointRouteBuilder endpoints)
    {
        var group = endpoints.MapGroup("/api/professionals").WithTags("Professionals");

        group.MapGet("/", ListAsync).RequirePermission(Permissions.ProfessionalsRead).Cached()
            .WithSummary("List professionals").WithDescription("Newest first.")
            .Produces<Page<ProfessionalResponse>>().ProducesProblem(400);
        group.MapGet("/{id:guid}", GetAsync).RequirePermission(Permissions.ProfessionalsRead).Cached()
            .WithSummary("Get a professional").WithDescription("`ETag` is its version; send it back as `If-Match` with a change.")
            .Produces<ProfessionalResponse>().ProducesProblem(404);
        group.MapPost("/", CreateAsync).RequirePermission(Permissions.ProfessionalsWrite)
            .WithSummary("Create a professional")
            .WithDescription("`timeZone` is an IANA name, UTC without it. With an `Idempotency-Key`, a repeated request creates once.")
            .Produces<ProfessionalResponse>(201).ProducesProblem(400).ProducesValidationProblem(422);
        group.MapPut("/{id:guid}", UpdateAsync).RequirePermission(Permissions.ProfessionalsWrite)
            .WithSummary("Replace a professional")
            .WithDescription("Who is made inactive keeps the events booked so far and gets no new ones. Without `active`, that stays.")
            .Produces<ProfessionalResponse>()
            .ProducesProblem(400).ProducesProblem(404).ProducesProblem(412).ProducesValidationProblem(422);
        group.MapDelete("/{id:guid}", DeleteAsync).RequirePermission(Permissions.ProfessionalsWrite)
            .WithSummary("Delete a professional").WithDescription("409 when events are booked with it: make it inactive instead.")
            .Produces(204).ProducesProblem(404).ProducesProblem(409).ProducesProblem(412);
    }

    private static ValueTask<IResult> ListAsync(
        [AsParameters] PageQuery query, [AsParameters] ProfessionalFilter filter, HttpContext context, TenantContext tenant,
        CursorCodec cursors, CachedAnswers answers)
    {
        if (filter.Check(out filter) is { } problem)
            return new(problem);
        var key = filter.KeyPart;
        return ListQuestion.Read(query, tenant.Current, $"professionals:{key}", cursors, out var ask) is { } wrong
            ? new(wrong)
            : answers.GetAsync(
                context, CacheKinds.Professionals, [CacheTag.For(tenant.Current, Subject)], ["list", query.KeyPart, key],
                (filter, ask, cursors),
                static (db, state, cancellationToken) =>
                    ProfessionalQueries.PageAsync(db, state.filter, state.ask, state.cursors, cancellationToken));
    }

    private static ValueTask<IResult> GetAsync(Guid id, HttpContext context, TenantContext tenant, CachedAnswers answers) =>
        answers.GetAsync(
            context, CacheKinds.Professionals, [CacheTag.For(tenant.Current, Subject)], ["detail", id.ToString()], id,
            static async (db, id, cancellationToken) =>
                await ProfessionalQueries.FindAsync(db, id, cancellationToken) is { } row ? ProfessionalResponse.From(row) : null,
            "professional");

    private static async Task<IResult> CreateAsync(
        [FromBody] ProfessionalInput input, HttpContext context, PlatformDb db, Idempotency idempotency, ChangeNotice notice,
        IOptions<JsonOptions> json, CancellationToken cancellationToken)
    {
        if (input.Check(out var fields) is { Count: > 0 } errors)
            return Problems.Invalid(errors);
        return await idempotency.RunAsync(context, fields!, async transaction =>
        {
            var row = await ProfessionalCommands.CreateAsync(db, fields!, cancellationToken);
            notice.AfterCommit(transaction, "professional.created", Data(row), Subject);
            return RowAnswer.Created($"/api/professionals/{row.Id}", ProfessionalResponse.From(row), json.Value.SerializerOptions);
        }, cancellationToken);
    }

    private static async Task<IResult> UpdateAsync(
        Guid id, [FromBody] ProfessionalInput input, HttpContext context, PlatformDb db, ChangeNotice notice,
        CancellationToken cancellationToken)
    {
        if (input.Check(out var fields) is { Count: > 0 } errors)
            return Problems.Invalid(errors);
        await using var transaction = await db.BeginAsync(cancellationToken);
        var (before, problem) = await LockedRow.ForChangeAsync<Professional>(context, db, id, "professional", cancellationToken);
        if (before is null)
            return problem!;
        var row = await ProfessionalCommands.UpdateAsync(db, id, fields!, cancellationToken);
        notice.AfterCommit(transaction, "professional.updated", Data(row), Subject);
        await transaction.CommitAsync(cancellationToken);
        return RowAnswer.Ok(context, ProfessionalResponse.From(row));
    }

    private static async Task<IResult> DeleteAsync(
        Guid id, HttpContext context, PlatformDb db, ChangeNotice notice, CancellationToken cancellationToken)
    {
        await using var transaction = await db.BeginAsync(cancellationToken);
        var (before, problem) = await LockedRow.ForChangeAsync<Professional>(context, db, id, "professional", cancellationToken);
        if (before is null || (problem = await ProfessionalCommands.DeleteAsync(db, id, cancellationToken)) is not null)
            return problem!;
        notice.AfterCommit(transaction, "professional.deleted", new { id }, Subject);
        await transaction.CommitAsync(cancellationToken);
        return TypedResults.NoContent();
    }

    private static object Data(Professional row) => new { row.Id, row.Name, row.Title, row.Active };
}
