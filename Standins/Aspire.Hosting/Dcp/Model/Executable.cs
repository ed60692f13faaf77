namespace Aspire.Hosting.Dcp.Model;

internal sealed class ExecutableSpec
{
    public required string ExecutablePath { get; set; }

    public required string WorkingDirectory { get; set; }

    public List<string> Args { get; set; } = [];

    public List<DcpNameValue> Env { get; set; } = [];

    public string ExecutionType { get; set; } = "Process";

    public bool? Stop { get; set; }
}

/// <summary>What executables and containers report alike.</summary>
internal sealed class WorkloadStatus
{
    public string? State { get; set; }

    public int? Pid { get; set; }

    public DateTime? StartupTimestamp { get; set; }

    public DateTime? FinishTimestamp { get; set; }

    public int? ExitCode { get; set; }

    public List<DcpNameValue>? EffectiveEnv { get; set; }

    public List<string>? EffectiveArgs { get; set; }

    public string? Message { get; set; }

    public string? ContainerId { get; set; }
}
