using System.ComponentModel;
using System.Text.Json;
using Microsoft.AspNetCore.Mvc;
using Platform.Jobs;
using Platform.Jobs.Upkeep;

namespace Platform.Api.Features.Jobs;

/// <summary>Which jobs a list is about.</summary>
internal sealed record JobFilter(
    [property: FromQuery(Name = "state"), Description("`scheduled`, `available`, `running`, `retrying`, `succeeded`, `failed`, `dead` or `cancelled`.")] string? State,
    [property: FromQuery(Name = "queue")] string? Queue,
    [property: FromQuery(Name = "type"), Description("As in `contacts.import`.")] string? Type,
    [property: FromQuery(Name = "from"), Description("Enqueued at this time or later.")] DateTimeOffset? From,
    [property: FromQuery(Name = "to"), Description("Enqueued before this time.")] DateTimeOffset? To,
    [property: FromQuery(Name = "tenant"), Description("For operators: one tenant's jobs. Default all.")] Guid? Tenant);

/// <param name="Queues">By name.</param>
internal sealed record QueuesResponse(IReadOnlyList<QueueFigures> Queues, DateTimeOffset Timestamp);

/// <param name="Workers">Oldest first, at most 200.</param>
internal sealed record WorkersResponse(IReadOnlyList<WorkerFigures> Workers, DateTimeOffset Timestamp);

/// <summary>A job with its timeline.</summary>
/// <param name="Tenant">Whose it is.</param>
/// <param name="LaneBlocked">Whether its lane waits for somebody to retry or discard a dead job.</param>
/// <param name="RunAt">When it may run; null when it has ended or waits for its batch.</param>
/// <param name="Payload">What it was enqueued with. Without an operator's permission texts and numbers in it are masked.</param>
/// <param name="Timeline">Attempts, newest first, at most 200.</param>
internal sealed record JobDetailResponse(
    Guid Id, Guid Tenant, string Type, string Queue, string State, JobProgress Progress, int Attempts, int MaxAttempts, int Priority,
    string? Lane, bool LaneBlocked, string? UniqueKey, Guid? BatchId, int TimeoutSeconds, DateTimeOffset CreatedAt, DateTimeOffset? RunAt,
    DateTimeOffset? StartedAt, DateTimeOffset? FinishedAt, string? TraceParent, JsonElement? Result, string? Error, JsonElement Payload,
    bool PayloadMasked, IReadOnlyList<JobAttempt> Timeline)
{
    /// <param name="whole">With the payload as it is and the exceptions.</param>
    public static JobDetailResponse From(JobDetail detail, Guid tenant, bool whole)
    {
        var job = detail.Status;
        return new JobDetailResponse(
            job.Id, tenant, job.Type, job.Queue, job.State, job.Progress, job.Attempts, job.MaxAttempts, detail.Priority, detail.Lane,
            detail.LaneBlocked, detail.UniqueKey, detail.BatchId, detail.TimeoutSeconds, job.CreatedAt, detail.RunAt, job.StartedAt,
            job.FinishedAt, detail.TraceParent, job.Result, job.Error,
            whole ? JsonElement.Parse(detail.Payload) : PayloadMask.Mask(detail.Payload), !whole,
            whole ? detail.Attempts : [.. detail.Attempts.Select(attempt => attempt with { Detail = null })]);
    }
}

/// <param name="Payload">The new payload, at most 1 MB.</param>
internal sealed record EditInput(JsonElement? Payload);

/// <param name="Queue">Only of this queue.</param>
/// <param name="Type">Only of this type.</param>
/// <param name="Limit">1 to 1,000. Default 100.</param>
internal sealed record RedriveInput(string? Queue, string? Type, int? Limit);

/// <param name="Permits">Jobs that may start within the span, 1 to 1,000,000.</param>
/// <param name="PerSeconds">The span, 0.1 to 86,400.</param>
internal sealed record LimitInput(int? Permits, double? PerSeconds);

/// <param name="Retried">Jobs brought back.</param>
internal sealed record RedriveResponse(int Retried);

/// <param name="Cancelling">Members asked to end.</param>
internal sealed record BatchCancelResponse(int Cancelling);

/// <param name="Series">By queue.</param>
/// <param name="Window">Minutes the samples cover.</param>
/// <param name="Since">Of a tenant that has enqueued very much: jobs enqueued before that are left out.</param>
internal sealed record JobStatisticsResponse(IReadOnlyList<QueueSeries> Series, int Window, DateTimeOffset? Since, DateTimeOffset Timestamp);

/// <param name="StepSeconds">The length of each sample.</param>
/// <param name="WaitMs">Of the whole window: from the time a job might have run to its start. Null when none started.</param>
/// <param name="RunMs">Of the whole window: from a run's start to its end. Null when none ended.</param>
/// <param name="Samples">Oldest first; none for a time in which nobody measured and nothing ended.</param>
internal sealed record QueueSeries(string Queue, int StepSeconds, JobTimes? WaitMs, JobTimes? RunMs, IReadOnlyList<JobQueueSample> Samples);
