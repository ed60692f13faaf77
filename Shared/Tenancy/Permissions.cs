namespace Platform.Tenancy;

/// <summary>The permissions a role can hold, written <c>subject:verb</c>.</summary>
public static class Permissions
{
    public const string ContactsRead = "contacts:read";
    public const string ContactsWrite = "contacts:write";
    public const string ImportsWrite = "imports:write";
    public const string JobsRead = "jobs:read";
    public const string JobsManage = "jobs:manage";

    /// <summary>Cross-tenant reads; only operators hold it, every use is audited.</summary>
    public const string PlatformOperate = "platform:operate";
}
