namespace Platform.Embedded.Tests;

/// <summary>A test of what only root can arrange; skipped for others.</summary>
internal sealed class RootFactAttribute : FactAttribute
{
    public RootFactAttribute()
    {
        if (!OperatingSystem.IsLinux() || !Environment.IsPrivilegedProcess) Skip = "Needs root on Linux.";
    }
}
