using System.ComponentModel;
using System.Globalization;
using System.Security.Claims;
using Platform.Api.Features.Auth;
using Platform.Api.Http;
using Platform.Jobs;
using Platform.Jobs.Upkeep;
using Platform.Tenancy;

namespace Platform.Api.Features.Jobs;

internal static class JobAdminReads
{
    private const int MaxNameLength = 100, DefaultWindow = 60, DefaultPoints = 60, MaxPoints = 500;

    // Cursors are sealed for a tenant; operators have none.
    private static readonly TenantId Everybody = new(new Guid("ffffffff-ffff-ffff-ffff-ffffffffffff"));

    private static readonly string[] States =
    [
        JobStates.Scheduled, JobStates.Available, JobStates.Running, JobStates.Retrying, JobStates.Succeeded, JobStates.Failed, JobStates.Dead,
        JobStates.Cancelled,
    ];

    public static async Task<IResult> ListAsync(
        [AsParameters] PageQuery page, [AsParameters] JobFilter filter, HttpContext context, JobScope scope, IJobSearch search,
        IJobOperators operators, CursorCodec cursors, CancellationToken cancellationToken)
    {
        if ((page.Check() ?? Check(page, filter)) is { } problem)
            return problem;
        var list = string.Create(
            CultureInfo.InvariantCulture,
            $"jobs:{filter.Tenant}:{filter.State}:{filter.Queue}:{filter.Type}:{filter.From?.UtcTicks}:{filter.To?.UtcTicks}");
        var sealedFor = JobScope.IsOperator(context.User) ? Everybody : scope.Tenant;
        Cursor? after = null;
        if (page.Cursor is not null && (after = cursors.Read(page.Cursor, sealedFor, list)) is null)
            return Problems.BadRequest("'cursor' isn't one this list gave out.");
        if (await scope.EnterAsync(context.User, filter.Tenant, "jobs.search", cancellationToken) is { } refused)
            return refused;

        var query = new JobQuery(filter.State, filter.Queue, filter.Type, filter.From, filter.To, after?.Id, page.LimitOrDefault);
        var found = scope.HasTenant
            ? await search.SearchAsync(scope.DataSource, scope.Tenant, query, cancellationToken)
            : await operators.SearchAsync(scope.Common, context.User.UserId(), query, cancellationToken);
        var next = found.Next is { } place ? cursors.Write(new Cursor(DateTimeOffset.UnixEpoch, place), sealedFor, list) : null;
        // More are never counted: a queue has millions.
        long? total = after is null && next is null ? found.Jobs.Count : null;
        var pagination = new Pagination(after is null ? 1 : null, page.LimitOrDefault, total, next);
        LinkHeader.Write(context, pagination);
        context.Response.Headers.CacheControl = "no-store";
        return TypedResults.Ok(new Page<JobSummary>(found.Jobs, pagination));
    }

    public static async Task<IResult> GetAsync(
        Guid id, Guid? tenant, HttpContext context, JobScope scope, IJobSearch search, CancellationToken cancellationToken)
    {
        if (await scope.EnterJobAsync(context.User, id, tenant, "job.read", cancellationToken) is { } refused)
            return refused;
        if (await search.GetDetailAsync(scope.DataSource, scope.Tenant, id, cancellationToken) is not { } detail)
            return Problems.NotFound("job");
        context.Response.Headers.CacheControl = "no-store";
        return TypedResults.Ok(JobDetailResponse.From(detail, scope.Tenant.Value, whole: JobScope.IsOperator(context.User)));
    }

    public static async Task<IResult> QueuesAsync(
        Guid? tenant, HttpContext context, JobScope scope, IJobSearch search, IJobOperators operators, TimeProvider time,
        CancellationToken cancellationToken)
    {
        if (await scope.EnterAsync(context.User, tenant, "jobs.queues", cancellationToken) is { } refused)
            return refused;
        var queues = scope.HasTenant
            ? await search.GetQueuesAsync(scope.DataSource, scope.Tenant, JobQueues.All, cancellationToken)
            : await operators.GetQueuesAsync(scope.Common, context.User.UserId(), JobQueues.All, cancellationToken);
        context.Response.Headers.CacheControl = "no-store";
        return TypedResults.Ok(new QueuesResponse(queues, time.GetUtcNow()));
    }

    public static async Task<IResult> WorkersAsync(
        ClaimsPrincipal user, HttpContext context, JobScope scope, IJobOperators operators, TimeProvider time, CancellationToken cancellationToken)
    {
        var workers = await operators.GetWorkersAsync(scope.Common, user.UserId(), cancellationToken);
        context.Response.Headers.CacheControl = "no-store";
        return TypedResults.Ok(new WorkersResponse(workers, time.GetUtcNow()));
    }

    public static async Task<IResult> BatchAsync(
        Guid id, Guid? tenant, HttpContext context, JobScope scope, IJobSearch search, CancellationToken cancellationToken)
    {
        if (await scope.EnterBatchAsync(context.User, id, tenant, "batch.read", cancellationToken) is { } refused)
            return refused;
        context.Response.Headers.CacheControl = "no-store";
        return await search.GetBatchAsync(scope.DataSource, scope.Tenant, id, cancellationToken) is { } batch
            ? TypedResults.Ok(batch)
            : Problems.NotFound("batch");
    }

    /// <summary>Of a tenant, from its history; for operators who name none of the platform as a whole, nothing of a tenant's.</summary>
    public static async Task<IResult> StatisticsAsync(
        [Description("Minutes, 1 to 10,080 (a week). Default 60.")] int? window,
        [Description("Samples a queue at most, 1 to 500. Default 60.")] int? points,
        string? queue, Guid? tenant, HttpContext context, JobScope scope, IJobStatistics statistics, TimeProvider time,
        CancellationToken cancellationToken)
    {
        var longest = (int)IJobStatistics.MaxWindow.TotalMinutes;
        if (window < 1 || window > longest)
            return Problems.BadRequest($"'window' must be 1 to {longest} minutes.");
        if (points is < 1 or > MaxPoints)
            return Problems.BadRequest($"'points' must be 1 to {MaxPoints}.");
        if (queue is not null && !IsName(queue))
            return Problems.BadRequest("'queue' isn't a queue's name.");
        if (await scope.EnterAsync(context.User, tenant, "jobs.statistics", cancellationToken) is { } refused)
            return refused;
        var minutes = window ?? DefaultWindow;
        var (series, since) = await ReadAsync(
            scope, statistics, TimeSpan.FromMinutes(minutes), queue, points ?? DefaultPoints, cancellationToken);
        context.Response.Headers.CacheControl = "no-store";
        return TypedResults.Ok(new JobStatisticsResponse(
            [.. series.Select(one => new QueueSeries(one.Queue, (int)one.Step.TotalSeconds, one.WaitMs, one.RunMs, one.Samples))], minutes, since,
            time.GetUtcNow()));
    }

    private static async Task<TenantJobStatistics> ReadAsync(
        JobScope scope, IJobStatistics statistics, TimeSpan window, string? queue, int points, CancellationToken cancellationToken)
    {
        if (scope.HasTenant)
            return await statistics.ReadTenantAsync(scope.DataSource, scope.Tenant, window, queue, points, cancellationToken);
        await using var connection = await scope.Common.OpenConnectionAsync(cancellationToken);
        return new(await statistics.ReadAsync(connection, window, queue, points, cancellationToken), null);
    }

    /// <summary>Names of queues and types: no text that a database or a log might trip over.</summary>
    public static bool IsName(string text) =>
        text.Length is > 0 and <= MaxNameLength && text.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '-' or '_');

    private static ProblemResult? Check(PageQuery page, JobFilter filter) => (page, filter) switch
    {
        ({ Page: > 1 }, _) => Problems.BadRequest("This list has no pages by number; go on with 'cursor'."),
        (_, { State: { } state }) when !States.Contains(state, StringComparer.Ordinal) =>
            Problems.BadRequest($"'state' is one of {string.Join(", ", States)}."),
        (_, { Queue: { } queue }) when !IsName(queue) => Problems.BadRequest("'queue' isn't a queue's name."),
        (_, { Type: { } type }) when !IsName(type) => Problems.BadRequest("'type' isn't a job type's name."),
        (_, { From: { } from, To: { } to }) when from >= to => Problems.BadRequest("'from' must be before 'to'."),
        _ => null,
    };
}
