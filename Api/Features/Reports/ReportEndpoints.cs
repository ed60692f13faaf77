using System.ComponentModel;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Options;
using Platform.Api.Features.Auth;
using Platform.Api.Features.Billing;
using Platform.Api.Http;
using Platform.Caching;
using Platform.Data;
using Platform.Data.Reports;
using Platform.Jobs;
using Platform.Tenancy;
using JsonOptions = Microsoft.AspNetCore.Http.Json.JsonOptions;

namespace Platform.Api.Features.Reports;

internal static class ReportEndpoints
{
    public static void AddReports(this WebApplicationBuilder builder)
    {
        builder.Services.AddOptions<ReportOptions>().BindConfiguration(ReportOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddSingleton<ReportLinks>();
    }

    public static void MapReports(this IEndpointRouteBuilder endpoints)
    {
        var group = endpoints.MapGroup("/api/reports").WithTags("Reports");

        group.MapGet("/", ListAsync).RequirePermission(Permissions.ReportsRead).Cached()
            .WithSummary("List reports").WithDescription("Newest first.")
            .Produces<Page<ReportResponse>>().ProducesProblem(400);
        group.MapGet("/{id:guid}", GetAsync).RequirePermission(Permissions.ReportsRead).Cached()
            .WithSummary("Get a report").Produces<ReportResponse>().ProducesProblem(404);
        group.MapPost("/", CreateAsync).RequirePermission(Permissions.ReportsWrite)
            .WithSummary("Ask for a report")
            .WithDescription(
                "`kind`: contacts, conversations, campaigns, events or billing, each with the permission to read those as well. " +
                "`parameters` may have `from`, `to` and `status`. The file is written in the background: follow its job. " +
                "402 when the plan has no reports. With an `Idempotency-Key`, a repeated request creates once.")
            .Produces<ReportResponse>(201)
            .ProducesProblem(400).ProducesProblem(402).ProducesProblem(403).ProducesValidationProblem(422);
        group.MapPost("/{id:guid}/link", LinkAsync).RequirePermission(Permissions.ReportsRead)
            .WithSummary("Get a link to a report's file")
            .WithDescription("Whoever has it may download the file, without a token, for a quarter of an hour. 409 when there is no file.")
            .Produces<ReportLinkResponse>().ProducesProblem(403).ProducesProblem(404).ProducesProblem(409);
        group.MapGet("/download", ReportDownload.GetAsync).AllowAnonymous()
            .WithSummary("Download a report's file by its link")
            .Produces(200, contentType: "text/csv").ProducesProblem(404);
        group.MapDelete("/{id:guid}", DeleteAsync).RequirePermission(Permissions.ReportsWrite)
            .WithSummary("Delete a report with its file").WithDescription("One that is still being written is stopped.")
            .Produces(204).ProducesProblem(404).ProducesProblem(412);
    }

    private static ValueTask<IResult> ListAsync(
        [AsParameters] PageQuery query,
        [Description("contacts, conversations, campaigns, events or billing.")] string? kind,
        [Description("queued, running, completed, failed, cancelled or expired.")] string? status,
        HttpContext context, TenantContext tenant, CursorCodec cursors, CachedAnswers answers, TimeProvider time)
    {
        if (kind is not null && !ReportKinds.All.Contains(kind))
            return new(Problems.BadRequest($"'kind' must be one of: {string.Join(", ", ReportKinds.All)}."));
        if (status is not null && !ReportStatus.All.Contains(status))
            return new(Problems.BadRequest($"'status' must be one of: {string.Join(", ", ReportStatus.All)}."));
        return ListQuestion.Read(query, tenant.Current, $"reports:{kind}~{status}", cursors, out var ask) is { } wrong
            ? new(wrong)
            : answers.GetAsync(
                context, CacheKinds.Reports, [Tag(tenant.Current)], ["list", query.KeyPart, kind ?? "", status ?? ""],
                (kind, status, ask, cursors, time),
                static (db, state, cancellationToken) => ReportQueries.PageAsync(
                    db, state.kind, state.status, state.ask, state.cursors, state.time.GetUtcNow(), cancellationToken));
    }

    private static ValueTask<IResult> GetAsync(
        Guid id, HttpContext context, TenantContext tenant, CachedAnswers answers, TimeProvider time) =>
        answers.GetAsync(
            context, CacheKinds.Reports, [Tag(tenant.Current)], ["detail", id.ToString()], (id, time),
            static async (db, state, cancellationToken) =>
                await ReportQueries.FindAsync(db, state.id, cancellationToken) is { } row
                    ? ReportResponse.From(row, state.time.GetUtcNow())
                    : null,
            "report");

    private static async Task<IResult> CreateAsync(
        [FromBody] ReportInput input, HttpContext context, PlatformDb db, PlanFeatures plan, IJobQueue jobs, Idempotency idempotency,
        ChangeNotice notice, TimeProvider time, IOptions<JsonOptions> json, CancellationToken cancellationToken)
    {
        if (await plan.RequireAsync(PlanFeatures.Reports, cancellationToken) is { } unpaid)
            return unpaid;
        if (input.Check(out var fields) is { Count: > 0 } errors)
            return Problems.Invalid(errors);
        if (Forbidden(context, fields!.Kind) is { } forbidden)
            return forbidden;
        return await idempotency.RunAsync(context, fields, async transaction =>
        {
            var row = await NewReport.CreateAsync(
                db, transaction, jobs, Guid.CreateVersion7(), fields, context.User.FindUserId(), tell: null, cancellationToken);
            notice.AfterCommit(
                transaction, "report.created", new { row.Id, row.Kind, row.Title, row.Status }, ReportFile.CacheSubject);
            return RowAnswer.Created(
                $"/api/reports/{row.Id}", ReportResponse.From(row, time.GetUtcNow()), json.Value.SerializerOptions);
        }, cancellationToken);
    }

    private static async Task<IResult> LinkAsync(
        Guid id, HttpContext context, PlatformDb db, ReportLinks links, TimeProvider time, CancellationToken cancellationToken)
    {
        if (await ReportQueries.FindAsync(db, id, cancellationToken) is not { } row)
            return Problems.NotFound("report");
        if (Forbidden(context, row.Kind) is { } forbidden)
            return forbidden;
        var status = ReportResponse.From(row, time.GetUtcNow()).Status;
        if (status != ReportStatus.Completed)
            return Problems.Conflict($"The report has no file: it is '{status}'.", "status");
        context.Response.Headers.CacheControl = "no-store";
        return TypedResults.Ok(links.Create(db.Tenant, id));
    }

    private static async Task<IResult> DeleteAsync(
        Guid id, HttpContext context, PlatformDb db, IJobQueue jobs, ChangeNotice notice, CancellationToken cancellationToken)
    {
        await using var transaction = await db.BeginAsync(cancellationToken);
        var (row, problem) = await LockedRow.ForChangeAsync<Report>(context, db, id, "report", cancellationToken);
        if (row is null)
            return problem!;
        await ReportCommands.DeleteAsync(db, transaction, jobs, row, cancellationToken);
        notice.AfterCommit(transaction, "report.deleted", new { id }, ReportFile.CacheSubject);
        await transaction.CommitAsync(cancellationToken);
        return TypedResults.NoContent();
    }

    private static CacheTag Tag(TenantId tenant) => CacheTag.For(tenant, ReportFile.CacheSubject);

    private static ProblemResult? Forbidden(HttpContext context, string kind) =>
        context.User.Holds(ReportKinds.PermissionFor(kind))
            ? null
            : Problems.Forbidden($"A report about {kind} needs the permission '{ReportKinds.PermissionFor(kind)}'.");
}
