using Microsoft.AspNetCore.Http.Json;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.Options;
using Platform.Api.Features.Auth;
using Platform.Api.Features.Billing;
using Platform.Api.Features.RateLimits;
using Platform.Api.Http;
using Platform.Data;
using Platform.Data.Imports;
using Platform.Jobs;
using Platform.Tenancy;

namespace Platform.Api.Features.Imports;

internal static class ImportEndpoints
{
    public static void AddImports(this WebApplicationBuilder builder)
    {
        builder.Services.AddOptions<ImportOptions>().BindConfiguration(ImportOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddSingleton<UploadReader>();
    }

    public static void MapImports(this IEndpointRouteBuilder endpoints)
    {
        var group = endpoints.MapGroup("/api/imports").WithTags("Imports");

        group.MapPost("/", CreateAsync).RequirePermission(Permissions.ImportsWrite)
            .WithRateLimit(weight: 5, policy: RateLimitPolicies.Imports)
            .WithSummary("Import contacts from a CSV file")
            .WithDescription(
                "multipart/form-data with the field `file`: UTF-8, at most 50 MB, separated by , or ; with a header that has " +
                "`name` and at least one of `email` and `phone`. It runs in the background; `Location` is where to follow it, with " +
                "`jobs:read`. A machine with an API key may do so, too. 402 when the plan has no room for another contact; rows it has no room " +
                "for are rejected with that reason. With an `Idempotency-Key`, a repeated upload of the same file under the same name creates " +
                "once and gets the first answer again, for a day; 422 when the key was used for " +
                "another file, 409 while the first upload is still being stored.")
            .Accepts<IFormFile>("multipart/form-data")
            .Produces<ImportAccepted>(202)
            .ProducesProblem(400).ProducesProblem(402).ProducesProblem(409).ProducesProblem(413).ProducesProblem(415)
            .ProducesValidationProblem(422).ProducesProblem(429);
        group.MapGet("/", ListAsync).RequirePermission(Permissions.ContactsRead)
            .WithSummary("List imports").WithDescription("Newest first.")
            .Produces<Page<ImportResponse>>().ProducesProblem(400);
        group.MapGet("/{id:guid}", GetAsync).RequirePermission(Permissions.ContactsRead)
            .WithSummary("Get an import")
            .Produces<ImportResponse>().ProducesProblem(404);
        group.MapGet("/{id:guid}/rejections", RejectionsAsync).RequirePermission(Permissions.ContactsRead)
            .WithSummary("List the rows that didn't become contacts").WithDescription("In the file's order, each with its reason.")
            .Produces<Page<RejectionResponse>>().ProducesProblem(400).ProducesProblem(404);
        group.MapGet("/{id:guid}/rejected.csv", RejectedAsync).RequirePermission(Permissions.ContactsRead)
            .WithSummary("Download the rows that didn't become contacts")
            .Produces(200, contentType: "text/csv").ProducesProblem(404);
    }

    private static async Task<IResult> CreateAsync(
        HttpContext context, UploadReader uploads, PlatformDb db, IJobQueue jobs, Idempotency idempotency, IOptions<JsonOptions> json,
        CancellationToken cancellationToken)
    {
        // With a key it may be the repetition of an upload that was taken in, and has itself filled the plan since.
        var full = await ContactLimit.CheckAsync(db, cancellationToken);
        if (full is not null && !context.Request.Headers.ContainsKey(Idempotency.Header))
            return full;
        var (file, problem) = await uploads.ReadAsync(context, cancellationToken);
        if (file is null)
            return problem!;
        await using (file)
        {
            return await idempotency.RunAsync(context, new { file.Name, file.Hash }, async transaction =>
            {
                if (full is not null)
                    return full;
                var accepted = await ImportCommands.CreateAsync(transaction, jobs, file, context.User, cancellationToken);
                return StoredResponse.Accepted($"/api/jobs/{accepted.JobId}/status", accepted, json.Value.SerializerOptions);
            }, cancellationToken);
        }
    }

    /// <summary>Index: imports_created_idx.</summary>
    private static async Task<IResult> ListAsync(
        [AsParameters] PageQuery query, HttpContext context, PlatformDb db, CursorCodec cursors, CancellationToken cancellationToken)
    {
        if (ListQuestion.Read(query, db.Tenant, "imports", cursors, out var ask) is { } problem)
            return problem;
        var rows = await ask.Of(db.Imports).ToListAsync(cancellationToken);
        var total = await ask.TotalAsync(rows.Count, db.Imports, cancellationToken);
        return PageAnswer.Ok(
            context, ask.Page(rows.ConvertAll(ImportResponse.From), total, row => new Cursor(row.CreatedAt, row.Id), cursors));
    }

    private static async Task<IResult> GetAsync(Guid id, PlatformDb db, CancellationToken cancellationToken) =>
        await FindAsync(db, id, cancellationToken) is { } import
            ? TypedResults.Ok(ImportResponse.From(import))
            : Problems.NotFound("import");

    /// <summary>Index: import_rejections_pkey.</summary>
    private static async Task<IResult> RejectionsAsync(
        Guid id, [AsParameters] PageQuery query, HttpContext context, PlatformDb db, CursorCodec cursors, CancellationToken cancellationToken)
    {
        if (ListQuestion.Read(query, db.Tenant, $"imports:{id}:rejections", cursors, out var ask) is { } problem)
            return problem;
        if (await FindAsync(db, id, cancellationToken) is not { } import)
            return Problems.NotFound("import");
        // A place here is a row's number, as many ticks after the first time there is.
        var after = ask.AfterCreatedAt?.UtcTicks ?? 0;
        var rows = await db.ImportRejections.Where(row => row.ImportId == id && row.RowNumber > after).OrderBy(row => row.RowNumber)
            .Skip(ask.Skip).Take(ask.Take)
            .Select(row => new RejectionResponse(row.RowNumber, row.Line, row.Reason)).ToListAsync(cancellationToken);
        var page = ask.Page(
            rows, ask.After is null ? import.Rejected : null, row => new Cursor(new DateTimeOffset(row.RowNumber, TimeSpan.Zero), id), cursors);
        return PageAnswer.Ok(context, page);
    }

    private static async Task<IResult> RejectedAsync(Guid id, HttpContext context, PlatformDb db, CancellationToken cancellationToken)
    {
        if (await FindAsync(db, id, cancellationToken) is not { } import)
            return Problems.NotFound("import");
        await RejectedCsv.WriteAsync(context, db, id, import.FileName, cancellationToken);
        return TypedResults.Empty;
    }

    /// <summary>Index: imports_pkey.</summary>
    private static Task<Import?> FindAsync(PlatformDb db, Guid id, CancellationToken cancellationToken) =>
        db.Imports.SingleOrDefaultAsync(import => import.Id == id, cancellationToken);
}
