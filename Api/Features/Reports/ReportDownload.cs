using Microsoft.EntityFrameworkCore;
using Platform.Api.Http;
using Platform.Data;
using Platform.Data.Reports;
using Platform.Data.Tenants;
using Platform.Tenancy;

namespace Platform.Api.Features.Reports;

/// <summary>Hands a report's file to whoever has a link to it.</summary>
internal static class ReportDownload
{
    /// <summary>
    /// Piece by piece, each a query of its own: a slow client holds neither memory nor a connection. Indexes: reports_pkey,
    /// report_files_pkey.
    /// </summary>
    public static async Task<IResult> GetAsync(
        string? token, HttpContext context, ReportLinks links, IServiceScopeFactory scopes, TimeProvider time,
        CancellationToken cancellationToken)
    {
        if (links.Read(token) is not var (tenant, id))
            return new ProblemResult(StatusCodes.Status404NotFound, "The link isn't valid or has expired. Ask for a new one.");
        // Whoever follows it may be signed in elsewhere: the link's tenant is the one that counts, and has a scope of its own.
        await using var scope = scopes.CreateAsyncScope();
        scope.ServiceProvider.GetRequiredService<TenantContext>().Set(tenant);
        var db = scope.ServiceProvider.GetRequiredService<PlatformDb>();
        var now = time.GetUtcNow();
        var report = await ReportQueries.FindAsync(db, id, cancellationToken);
        if (report is not { Status: ReportStatus.Completed, FileBytes: { } length, FileName: { } name } || report.ExpiresAt <= now
            || !await db.Set<Tenant>().AnyAsync(row => row.SuspendedAt == null, cancellationToken))
            return Problems.NotFound("file");

        var response = context.Response;
        response.ContentType = "text/csv; charset=utf-8";
        response.ContentLength = length;
        response.Headers.CacheControl = "private, no-store";
        response.Headers.XContentTypeOptions = "nosniff";
        var disposition = new Microsoft.Net.Http.Headers.ContentDispositionHeaderValue("attachment");
        disposition.SetHttpFileName(name);
        response.Headers.ContentDisposition = disposition.ToString();
        for (var number = 0; length > 0; number++)
        {
            var content = await db.Set<ReportFileChunk>().Where(row => row.ReportId == id && row.Number == number)
                .Select(row => row.Content).SingleOrDefaultAsync(cancellationToken);
            if (content is null)
            {
                // Deleted while it was read. Half a file mustn't look like a whole one.
                context.Abort();
                break;
            }
            await response.Body.WriteAsync(content, cancellationToken);
            length -= content.Length;
        }
        return TypedResults.Empty;
    }
}
