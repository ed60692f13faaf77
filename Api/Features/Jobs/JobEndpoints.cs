using System.Buffers.Text;
using System.ComponentModel;
using System.Security.Cryptography;
using System.Text.Json;
using Microsoft.AspNetCore.Http.Json;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;
using Npgsql;
using Platform.Api.Features.Auth;
using Platform.Api.Http;
using Platform.Data.Placement;
using Platform.Jobs;
using Platform.Statistics;
using Platform.Tenancy;

namespace Platform.Api.Features.Jobs;

internal static class JobEndpoints
{
    /// <summary>Seconds a long poll may last; below the usual idle time of proxies.</summary>
    private const int MaxWaitSeconds = 30;

    public static void MapJobs(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapGet("/api/jobs/{id:guid}/status", StatusAsync).RequirePermission(Permissions.JobsRead)
            .WithTags("Jobs")
            .WithSummary("Follow a background job")
            .WithDescription(
                "With `wait`, answers once the job is finished, or with `If-None-Match` as soon as anything changes, at the latest after " +
                "that many seconds.")
            .Produces<JobStatus>().Produces(304).ProducesProblem(400).ProducesProblem(404);
    }

    private static async Task<IResult> StatusAsync(
        Guid id,
        [Description("Seconds to wait, 0 to 30. Default 0.")] int? wait,
        HttpContext context, TenantContext tenant, TenantDatabases databases, IJobReader jobs, IOptions<JsonOptions> json,
        IHostApplicationLifetime lifetime, CancellationToken cancellationToken)
    {
        if (wait is < 0 or > MaxWaitSeconds)
            return Problems.BadRequest($"'wait' must be 0 to {MaxWaitSeconds} seconds.");
        var dataSource = databases.For(tenant.Current);
        if (await jobs.GetStatusAsync(dataSource, tenant.Current, id, cancellationToken) is not { } status)
            return Problems.NotFound("job");

        var options = json.Value.SerializerOptions;
        if (wait is > 0)
        {
            var known = IsKnown(context.Request, Tag(status, options));
            // A client that names no tag waits for the end; one that names an old tag has something to read already.
            if (known || context.Request.Headers.IfNoneMatch.Count == 0)
            {
                context.LeaveOutOfStatistics();
                var deadline = TimeSpan.FromSeconds(wait.Value);
                status = await WaitAsync(jobs, dataSource, tenant.Current, id, deadline, known ? status : null, lifetime, cancellationToken);
                if (status is null)
                    return Problems.NotFound("job");
            }
        }

        var tag = Tag(status, options);
        context.Response.Headers.ETag = tag.ToString();
        context.Response.Headers.CacheControl = "private, no-cache";
        return IsKnown(context.Request, tag)
            ? TypedResults.StatusCode(StatusCodes.Status304NotModified)
            : TypedResults.Ok(status);
    }

    /// <summary>Answers at once when the service is to stop: whoever waits asks another replica.</summary>
    private static async Task<JobStatus?> WaitAsync(
        IJobReader jobs, NpgsqlDataSource dataSource, TenantId tenant, Guid id, TimeSpan wait, JobStatus? known, IHostApplicationLifetime lifetime,
        CancellationToken cancellationToken)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, lifetime.ApplicationStopping);
        try
        {
            return await jobs.WaitAsync(dataSource, tenant, id, wait, known, ending.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return await jobs.GetStatusAsync(dataSource, tenant, id, cancellationToken);
        }
    }

    private static EntityTagHeaderValue Tag(JobStatus status, JsonSerializerOptions options) =>
        new($"\"{Base64Url.EncodeToString(SHA256.HashData(JsonSerializer.SerializeToUtf8Bytes(status, options)).AsSpan(0, 12))}\"");

    private static bool IsKnown(HttpRequest request, EntityTagHeaderValue tag) =>
        request.GetTypedHeaders().IfNoneMatch.Any(known => known.Compare(tag, useStrongComparison: false));
}
