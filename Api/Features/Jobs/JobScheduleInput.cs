using System.Text.Json;
using System.Text.Json.Serialization;
using Platform.Data.Contacts;
using Platform.Data.Reports;
using Platform.Data.Validation;
using Platform.Jobs;
using Platform.Jobs.Schedules;

namespace Platform.Api.Features.Jobs;

/// <summary>A schedule as somebody wants it.</summary>
/// <param name="Name">1 to 100 characters, unique within the tenant.</param>
/// <param name="Cron">Five fields, or `@daily` and the like; runs at least five minutes apart.</param>
/// <param name="TimeZone">By which clock, an IANA name. Default UTC.</param>
/// <param name="MisfireRuns">How many runs that were missed are made up for, 0 to 10. Default 1.</param>
/// <param name="Type">`reports.request`, the one type of job tenants can schedule.</param>
/// <param name="Payload">`kind` (see reports), and if wanted `title`, `days` (rows of so many days before the run, 1 to 366), `status` and `tell` (whether the caller gets an e-mail when it is ready).</param>
internal sealed record JobScheduleInput(string? Name, string? Cron, string? TimeZone, int? MisfireRuns, string? Type, JsonElement? Payload)
{
    private const int MaxNameLength = 100, MaxMisfireRuns = 10, RunsLookedAt = 50;

    private static readonly TimeSpan LeastApart = TimeSpan.FromMinutes(5);

    private static readonly JsonSerializerOptions Strict = new(JsonSerializerDefaults.Web)
    {
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    /// <summary>What tenants can schedule: jobs that do what their people could do by a request, and in whose payloads callers name nothing by id.</summary>
    public static IReadOnlyList<string> Types { get; } = ["reports.request"];

    /// <param name="caller">Who can be told; null for an operator.</param>
    /// <param name="fields">What to store; null when there is an error.</param>
    public IReadOnlyList<FieldError> Check(DateTimeOffset now, Guid? caller, out JobScheduleFields? fields)
    {
        var checks = new FieldChecks();
        var name = checks.Text(Name, "name", "The name", MaxNameLength);
        var zone = checks.TimeZone(TimeZone, "timeZone", "The time zone", "UTC");
        var cron = checks.IsFine("timeZone") ? CheckCron(checks, zone, now) : null;
        if (MisfireRuns is < 0 or > MaxMisfireRuns)
            checks.Add("misfireRuns", $"0 to {MaxMisfireRuns} missed runs can be made up for.");
        checks.OneOf(Type, "type", "The type", Types);
        var payload = CheckPayload(checks, caller);
        fields = checks.Errors.Count > 0 ? null : new JobScheduleFields(
            name, cron!, MisfireRuns is null or 1 ? JobMisfire.RunOnce : MisfireRuns == 0 ? JobMisfire.Skip : JobMisfire.RunAll(MisfireRuns.Value), payload!);
        return checks.Errors;
    }

    private CronSchedule? CheckCron(FieldChecks checks, string zone, DateTimeOffset now)
    {
        try
        {
            var cron = CronSchedule.Parse(checks.Text(Cron, "cron", "The cron expression", 200), zone);
            var runs = cron.NextRuns(RunsLookedAt, now);
            if (runs.Zip(runs.Skip(1)).Any(pair => pair.Second - pair.First < LeastApart))
                checks.Add("cron", $"Runs are at least {LeastApart.TotalMinutes:0} minutes apart.");
            return cron;
        }
        catch (JobException e)
        {
            if (checks.IsFine("cron"))
                checks.Add("cron", e.Message);
            return null;
        }
    }

    private RequestReport? CheckPayload(FieldChecks checks, Guid? caller)
    {
        Report? payload = null;
        try
        {
            payload = Payload is { ValueKind: JsonValueKind.Object } element ? element.Deserialize<Report>(Strict) : null;
        }
        catch (JsonException)
        {
            // Told below.
        }

        if (payload is null)
        {
            checks.Add("payload", "The payload is an object with 'kind' and, if wanted, 'title', 'days', 'status' and 'tell'.");
            return null;
        }

        var errors = ReportRules.Check(payload.Kind, payload.Title, new ReportParameters(Status: payload.Status), out var report);
        foreach (var (field, message) in errors)
            checks.Add($"payload.{field.Replace("parameters.", "", StringComparison.Ordinal)}", message);
        if (payload.Days is < 1 or > RequestReport.MaxDays)
            checks.Add("payload.days", $"1 to {RequestReport.MaxDays} days.");
        if (payload.Tell is true && caller is null)
            checks.Add("payload.tell", "Only the tenant's own people are told.");
        return report is null ? null : new RequestReport(
            report.Kind, payload.Title is null ? null : report.Title, payload.Days, report.Parameters.Status, payload.Tell is true ? caller : null);
    }

    /// <summary>A stored payload of one of <see cref="Types"/> as callers write it, so that what was read can be sent back.</summary>
    public static JsonElement Written(JsonElement stored)
    {
        var report = stored.Deserialize<RequestReport>(JsonSerializerOptions.Web)!;
        return JsonSerializer.SerializeToElement(
            new Report(report.Kind, report.Title, report.Days, report.Status, report.Tell is null ? null : true), Strict);
    }

    /// <summary>The payload as callers write it.</summary>
    private sealed record Report(string? Kind, string? Title, int? Days, string? Status, bool? Tell);
}
