using System.Security.Claims;
using Microsoft.AspNetCore.Mvc;
using Platform.Api.Features.Auth;
using Platform.Api.Http;
using Platform.Data;
using Platform.Jobs;
using Platform.Tenancy;

namespace Platform.Api.Features.Jobs;

/// <summary>The monitor's calls. A tenant's people see and tend its own jobs, operators those of all.</summary>
internal static class JobAdminEndpoints
{
    public static void AddJobAdmin(this WebApplicationBuilder builder)
    {
        builder.Services.AddScoped<JobScope>();
        builder.Services.AddScoped<JobAdminActions>();
        builder.Services.AddScoped<JobScheduleWrites>();
    }

    public static void MapJobAdmin(this IEndpointRouteBuilder endpoints)
    {
        endpoints.MapJobSchedules();
        var group = endpoints.MapGroup("/api/admin/jobs").WithTags("Jobs");

        Read(group.MapGet("/", JobAdminReads.ListAsync))
            .WithSummary("Look for jobs")
            .WithDescription(
                "Newest first, by cursor. One call looks at ten thousand jobs at most: with a filter that fits few of them, a page can be short " +
                "or empty though `nextCursor` goes on. `total` is told of a list that fits on one page. Operators see all tenants' jobs, or " +
                "those of `tenant`; each look is recorded.")
            .Produces<Page<JobSummary>>().ProducesProblem(400).ProducesProblem(403);
        Read(group.MapGet("/{id:guid}", JobAdminReads.GetAsync))
            .WithSummary("Get a job with its timeline")
            .WithDescription(
                "Texts and numbers of `payload` are masked, and `detail` of the attempts left out, for everybody but operators. Operators need " +
                "`tenant` only for a tenant with a database of its own.")
            .Produces<JobDetailResponse>().ProducesProblem(403).ProducesProblem(404);
        Read(group.MapGet("/queues", JobAdminReads.QueuesAsync))
            .WithSummary("How the queues stand")
            .WithDescription("For the caller's tenant; for operators all tenants together, or `tenant`. Jobs are counted to 100,000.")
            .Produces<QueuesResponse>().ProducesProblem(403).ProducesProblem(404);
        group.MapGet("/workers", JobAdminReads.WorkersAsync).RequireOperator()
            .WithSummary("List the workers").WithDescription("For operators. One that stopped without a word has `lostAt`, and leaves the list once others have its jobs.")
            .Produces<WorkersResponse>().ProducesProblem(403);
        Read(group.MapGet("/statistics", JobAdminReads.StatisticsAsync))
            .WithSummary("How the queues stood over time")
            .WithDescription(
                "What ended, and how long it waited and ran (mean, median and 95th percentile in milliseconds), minute by minute for a week. For " +
                "operators depth and age as well, of all tenants together. For the caller's tenant, or `tenant`, of those of its jobs that were " +
                "enqueued in the window or the day before, 20,000 at most: `since` is set when there were more.")
            .Produces<JobStatisticsResponse>().ProducesProblem(400).ProducesProblem(403).ProducesProblem(404);
        Read(group.MapGet("/batches/{id:guid}", JobAdminReads.BatchAsync))
            .WithSummary("How a batch stands").Produces<JobBatch>().ProducesProblem(403).ProducesProblem(404);

        Act(group.MapPost("/{id:guid}/retry", (Guid id, Guid? tenant, ClaimsPrincipal user, JobAdminActions actions, CancellationToken token) =>
            actions.RetryAsync(id, tenant, user, token)))
            .WithSummary("Run a dead, failed or cancelled job again").WithDescription("With fresh attempts, at its old place in its lane.");
        Act(group.MapPost("/{id:guid}/discard", (Guid id, Guid? tenant, ClaimsPrincipal user, JobAdminActions actions, CancellationToken token) =>
            actions.DiscardAsync(id, tenant, user, token)))
            .WithSummary("Let a dead job rest").WithDescription("It becomes `failed`; a lane it blocked goes on.");
        Act(group.MapPost("/{id:guid}/cancel", (Guid id, Guid? tenant, ClaimsPrincipal user, JobAdminActions actions, CancellationToken token) =>
            actions.CancelAsync(id, tenant, user, token)))
            .WithSummary("Cancel an unfinished job")
            .WithDescription("A waiting one ends soon, a running one when its handler has stopped; follow its status.");
        Act(group.MapPost("/{id:guid}/edit", (Guid id, Guid? tenant, [FromBody] EditInput input, ClaimsPrincipal user, JobAdminActions actions, CancellationToken token) =>
            actions.EditAsync(id, tenant, input, user, token)))
            .WithSummary("Run an ended job again with another payload")
            .WithDescription("For operators. A job that is dead, failed or cancelled. The payload isn't recorded, that it was changed is.")
            .ProducesProblem(400).ProducesProblem(413).ProducesValidationProblem(422);

        Manage(group.MapPost("/redrive", (Guid? tenant, [FromBody] RedriveInput input, ClaimsPrincipal user, JobAdminActions actions, CancellationToken token) =>
            actions.RedriveAsync(tenant, input, user, token)))
            .WithSummary("Run a tenant's oldest dead jobs again").WithDescription("At most `limit` of them, 1 to 1,000. Operators name the `tenant`.")
            .Produces<RedriveResponse>().ProducesProblem(400).ProducesValidationProblem(422);
        Pause(group.MapPost("/queues/{queue}/pause", (string queue, Guid? tenant, ClaimsPrincipal user, JobAdminActions actions, CancellationToken token) =>
            actions.PauseAsync(tenant, queue, true, user, token)))
            .WithSummary("Pause a queue")
            .WithDescription("For the caller's tenant; by operators for all, or for `tenant`. Nothing more is started, running jobs go on.");
        Pause(group.MapPost("/queues/{queue}/resume", (string queue, Guid? tenant, ClaimsPrincipal user, JobAdminActions actions, CancellationToken token) =>
            actions.PauseAsync(tenant, queue, false, user, token)))
            .WithSummary("Resume a queue").WithDescription("For whom it is paused: the tenant, or all. What an operator paused for all, only an operator resumes.");
        Limit(group.MapPut("/queues/{queue}/limit", (string queue, Guid? tenant, [FromBody] LimitInput input, ClaimsPrincipal user, JobScope scope, PlatformDb db, CancellationToken token) =>
            JobLimits.SetAsync(queue, tenant, input, user, scope, db, token)))
            .WithSummary("Limit how many jobs of a queue start")
            .WithDescription(
                "For operators. No stretch of `perSeconds` has more than `permits` starts, retries included: of all tenants together, or with " +
                "`tenant` of that one; both can be set. The others wait. Limits are shown with the queues.")
            .ProducesValidationProblem(422);
        Limit(group.MapDelete("/queues/{queue}/limit", (string queue, Guid? tenant, ClaimsPrincipal user, JobScope scope, PlatformDb db, CancellationToken token) =>
            JobLimits.LiftAsync(queue, tenant, user, scope, db, token)))
            .WithSummary("Lift a queue's limit").WithDescription("For operators; with `tenant` that tenant's.");
        Pause(group.MapPost("/pause", (Guid? tenant, ClaimsPrincipal user, JobAdminActions actions, CancellationToken token) =>
            actions.PauseAsync(tenant, null, true, user, token)))
            .WithSummary("Pause all of a tenant's jobs").WithDescription("The caller's, or for operators that of `tenant`.").ProducesProblem(400);
        Pause(group.MapPost("/resume", (Guid? tenant, ClaimsPrincipal user, JobAdminActions actions, CancellationToken token) =>
            actions.PauseAsync(tenant, null, false, user, token)))
            .WithSummary("Resume all of a tenant's jobs").WithDescription("Single queues that were paused for the tenant, too.").ProducesProblem(400);
        Manage(group.MapPost("/batches/{id:guid}/cancel", (Guid id, Guid? tenant, ClaimsPrincipal user, IJobSearch search, JobAdminActions actions, CancellationToken token) =>
            actions.CancelBatchAsync(id, tenant, user, search, token)))
            .WithSummary("Cancel what is left of a batch").WithDescription("The job that completes it runs all the same, and sees the counts.")
            .Produces<BatchCancelResponse>().ProducesProblem(409);
    }

    private static RouteHandlerBuilder Read(RouteHandlerBuilder route) => route.RequirePermissionOrOperator(Permissions.JobsRead);

    private static RouteHandlerBuilder Manage(RouteHandlerBuilder route) =>
        route.RequirePermissionOrOperator(Permissions.JobsManage).ProducesProblem(403).ProducesProblem(404);

    private static RouteHandlerBuilder Act(RouteHandlerBuilder route) => Manage(route).Produces<JobStatus>().ProducesProblem(409);

    private static RouteHandlerBuilder Pause(RouteHandlerBuilder route) => Manage(route).Produces(204);

    private static RouteHandlerBuilder Limit(RouteHandlerBuilder route) =>
        route.RequireOperator().Produces(204).ProducesProblem(403).ProducesProblem(404);
}
