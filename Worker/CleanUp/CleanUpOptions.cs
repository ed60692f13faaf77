using System.ComponentModel.DataAnnotations;

namespace Platform.Worker.CleanUp;

/// <summary>How long what is over is kept, and how much is deleted at once; section <c>CleanUp</c>.</summary>
internal sealed class CleanUpOptions
{
    public const string Section = "CleanUp";

    /// <summary>When it runs, as a cron expression in UTC; empty for never. Default hourly.</summary>
    [MaxLength(200)]
    public string Schedule { get; set; } = "7 * * * *";

    /// <summary>Answers kept for repeated requests. Default 1 day.</summary>
    [Range(typeof(TimeSpan), "00:01:00", "3650.00:00:00")]
    public TimeSpan IdempotencyRecords { get; set; } = TimeSpan.FromDays(1);

    /// <summary>Calls of other systems; a call repeated later than that is taken for a new one. Default 30 days.</summary>
    [Range(typeof(TimeSpan), "1.00:00:00", "3650.00:00:00")]
    public TimeSpan WebhookEvents { get; set; } = TimeSpan.FromDays(30);

    /// <summary>Finished deliveries to other systems. Default 30 days.</summary>
    [Range(typeof(TimeSpan), "01:00:00", "3650.00:00:00")]
    public TimeSpan WebhookDeliveries { get; set; } = TimeSpan.FromDays(30);

    /// <summary>Notifications, read or not. Default 90 days.</summary>
    [Range(typeof(TimeSpan), "1.00:00:00", "3650.00:00:00")]
    public TimeSpan Notifications { get; set; } = TimeSpan.FromDays(90);

    /// <summary>Reports that have ended, with what is left of them; their files go earlier (<c>Reports:KeepFor</c>). Default 90 days.</summary>
    [Range(typeof(TimeSpan), "1.00:00:00", "3650.00:00:00")]
    public TimeSpan Reports { get; set; } = TimeSpan.FromDays(90);

    /// <summary>Refresh tokens after their expiry. Default 7 days.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "3650.00:00:00")]
    public TimeSpan RefreshTokens { get; set; } = TimeSpan.FromDays(7);

    /// <summary>Failed sign-ins after the last one; longer than any lock holds. Default 1 day.</summary>
    [Range(typeof(TimeSpan), "01:00:00", "3650.00:00:00")]
    public TimeSpan SignInFailures { get; set; } = TimeSpan.FromDays(1);

    /// <summary>Errors after they were last seen. Default 90 days.</summary>
    [Range(typeof(TimeSpan), "1.00:00:00", "3650.00:00:00")]
    public TimeSpan Errors { get; set; } = TimeSpan.FromDays(90);

    /// <summary>The tenants' audit logs and the operators'. Default 400 days; the database keeps 30 in any case.</summary>
    [Range(typeof(TimeSpan), "30.00:00:00", "36500.00:00:00")]
    public TimeSpan AuditLog { get; set; } = TimeSpan.FromDays(400);

    /// <summary>Most rows of one kind deleted in one transaction; of report files, a twentieth. Default 1,000.</summary>
    [Range(20, 10_000)]
    public int BatchRows { get; set; } = 1_000;

    /// <summary>Rows after which a run ends and leaves the rest to the next, which follows at once. Default 100,000.</summary>
    [Range(1, 100_000_000)]
    public int RunRows { get; set; } = 100_000;
}
