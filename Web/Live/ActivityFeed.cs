namespace Platform.Web.Live;

/// <summary>Events in words, for the overview.</summary>
internal static class ActivityFeed
{
    /// <summary>Whether a person wants to read of it; progress ticks and a job's inner steps are shown elsewhere.</summary>
    public static bool IsWorthTelling(LiveEvent happened) => Describe(happened) is not null;

    /// <summary>Icon and sentence; null for events that aren't told.</summary>
    public static (string Icon, string Text)? Describe(LiveEvent happened) => happened.Type switch
    {
        "contact.created" => ("contact", $"{Who(happened)} was added"),
        "contact.updated" => ("edit", $"{Who(happened)} was changed"),
        "contact.deleted" => ("delete", "A contact was deleted"),
        "contacts.changed" when happened.Number("count") is { } count and > 0 => ("contacts", $"{Formatting.Numbers.Count(count, "contact")} changed"),
        "import.completed" => ("import", $"Import finished: {Formatting.Numbers.Count(happened.Number("imported") ?? 0, "contact")} added"
            + (happened.Number("rejected") is { } rejected and > 0 ? $", {Formatting.Numbers.Count(rejected, "row")} rejected" : "")),
        "job.dead" => ("warning", "A background job failed"),
        _ => null,
    };

    private static string Who(LiveEvent happened) => happened.Text("name") ?? happened.Text("email") ?? "A contact";
}
