namespace Platform.Data.Teams;

/// <summary>What <c>agents.status</c> may be.</summary>
public static class AgentStatus
{
    public const string Online = "online";
    public const string Away = "away";
    public const string Offline = "offline";
}
