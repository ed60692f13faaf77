namespace Aspire.Hosting.Bundle;

/// <summary>The two programs the host drives but does not contain.</summary>
/// <param name="DcpPath">Full path of the <c>dcp</c> executable.</param>
/// <param name="DashboardPath">Full path of <c>aspire-managed</c>, of <c>Aspire.Dashboard.dll</c> or of its executable.</param>
internal sealed record AspireBundle(string DcpPath, string DashboardPath)
{
    private static readonly string Suffix = OperatingSystem.IsWindows() ? ".exe" : "";

    /// <summary>Reads a folder laid out as <c>dcp/dcp</c> and <c>managed/aspire-managed</c>; null if either is missing.</summary>
    public static AspireBundle? FromFolder(string folder)
    {
        var bundle = new AspireBundle(DcpIn(Path.Combine(folder, "dcp")), Path.Combine(folder, "managed", "aspire-managed" + Suffix));
        return File.Exists(bundle.DcpPath) && File.Exists(bundle.DashboardPath) ? bundle : null;
    }

    public static string DcpIn(string folder) => Path.Combine(folder, "dcp" + Suffix);
}
