namespace Platform.Data.Conversations;

/// <summary>What <c>conversations.status</c> may be.</summary>
public static class ConversationStatus
{
    public const string Open = "open";
    public const string Pending = "pending";
    public const string Resolved = "resolved";
    public const string Closed = "closed";

    public static IReadOnlyList<string> All { get; } = [Open, Pending, Resolved, Closed];
}
