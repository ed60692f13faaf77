using System.Reflection;

namespace Aspire.Hosting;

/// <summary>How an application is built.</summary>
public sealed class DistributedApplicationOptions
{
    /// <summary>Command line arguments.</summary>
    public string[]? Args { get; set; }

    /// <summary>The AppHost's assembly; the entry assembly when null.</summary>
    public string? AssemblyName { get; set; }

    /// <summary>Runs without dashboard.</summary>
    public bool DisableDashboard { get; set; }

    /// <summary>The resources' logs are also the host's.</summary>
    public bool EnableResourceLogging { get; set; }

    /// <summary>The AppHost's folder; the one it was built from when null.</summary>
    public string? ProjectDirectory { get; set; }

    /// <summary>The dashboard may be served over plain HTTP.</summary>
    public bool AllowUnsecuredTransport { get; set; }

    internal Assembly? ResolveAssembly() => AssemblyName is { } name ? Assembly.Load(name) : Assembly.GetEntryAssembly();
}
