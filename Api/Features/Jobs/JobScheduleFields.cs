using Platform.Data.Reports;
using Platform.Jobs.Schedules;

namespace Platform.Api.Features.Jobs;

/// <summary>A schedule after <see cref="JobScheduleInput"/> was accepted and tidied.</summary>
internal sealed record JobScheduleFields(string Name, CronSchedule Cron, JobMisfire Misfire, RequestReport Payload);
