namespace Platform.Data.Conversations;

/// <summary>What <c>messages.direction</c> may be.</summary>
public static class MessageDirection
{
    public const string In = "in";
    public const string Out = "out";
}
