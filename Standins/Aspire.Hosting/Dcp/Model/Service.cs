namespace Aspire.Hosting.Dcp.Model;

/// <summary>A public address, behind which programs serve.</summary>
internal sealed class ServiceSpec
{
    public string? Address { get; set; }

    public int? Port { get; set; }

    public string Protocol { get; set; } = "TCP";

    /// <summary><c>Localhost</c>: the orchestrator listens and forwards. <c>Proxyless</c>: the program listens itself.</summary>
    public string AddressAllocationMode { get; set; } = "Localhost";
}

internal sealed class ServiceStatus
{
    public string? State { get; set; }

    public string? EffectiveAddress { get; set; }

    public int? EffectivePort { get; set; }
}
