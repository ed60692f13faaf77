namespace Aspire.Hosting.Dcp.Model;

internal sealed class ContainerSpec
{
    public required string ContainerName { get; set; }

    public string? Image { get; set; }

    public ContainerBuildSpec? Build { get; set; }

    public List<ContainerVolumeMount> VolumeMounts { get; set; } = [];

    public List<ContainerPort> Ports { get; set; } = [];

    public List<DcpNameValue> Env { get; set; } = [];

    public string RestartPolicy { get; set; } = "no";

    public string? Command { get; set; }

    public List<string> Args { get; set; } = [];

    public List<string> RunArgs { get; set; } = [];

    public bool? Persistent { get; set; }

    public List<ContainerNetworkMembership> Networks { get; set; } = [];

    public string? PullPolicy { get; set; }

    public List<ContainerCreateFiles> CreateFiles { get; set; } = [];

    public bool? Stop { get; set; }
}

internal sealed record ContainerBuildSpec(string Context, string Dockerfile, string? Stage, List<DcpNameValue> Args);

internal sealed record ContainerVolumeMount(string Type, string? Source, string Target, bool ReadOnly);

internal sealed record ContainerPort(int ContainerPortNumber, int? HostPort, string Protocol, string? HostIP)
{
    [System.Text.Json.Serialization.JsonPropertyName("containerPort")]
    public int ContainerPortNumber { get; } = ContainerPortNumber;
}

internal sealed record ContainerNetworkMembership(string Name, List<string> Aliases);

internal sealed record ContainerCreateFiles(
    string Destination, int DefaultOwner, int DefaultGroup, int Umask, List<ContainerFileEntry> Entries);

/// <summary>A file or folder; the mode is an octal number written as a decimal integer of the same value.</summary>
internal sealed record ContainerFileEntry(
    string Type, string Name, int? Owner, int? Group, int Mode, string? Source, string? Contents, List<ContainerFileEntry>? Entries);

internal sealed class ContainerNetworkSpec
{
    public required string NetworkName { get; set; }

    public bool Ipv6 { get; set; }

    public bool? Persistent { get; set; }
}

internal sealed class ContainerNetworkStatus
{
    public string? State { get; set; }

    public string? Message { get; set; }
}
