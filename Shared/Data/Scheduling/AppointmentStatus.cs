namespace Platform.Data.Scheduling;

/// <summary>What <c>events.status</c> may be.</summary>
public static class AppointmentStatus
{
    public const string Scheduled = "scheduled";
    public const string Confirmed = "confirmed";
    public const string Completed = "completed";
    public const string Cancelled = "cancelled";
    public const string NoShow = "no_show";

    /// <summary>All of them, in the order of an appointment's life.</summary>
    public static IReadOnlyList<string> All { get; } = [Scheduled, Confirmed, Completed, Cancelled, NoShow];

    /// <summary>Whether it is still to happen, so that the professional has no time for another one.</summary>
    public static bool IsOpen(string status) => status is Scheduled or Confirmed;
}
