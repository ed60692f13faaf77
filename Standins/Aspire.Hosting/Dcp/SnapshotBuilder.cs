using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Dcp.Model;

namespace Aspire.Hosting.Dcp;

/// <summary>Translates what the orchestrator reports of an instance into its snapshot.</summary>
internal static class SnapshotBuilder
{
    public static CustomResourceSnapshot Update(
        CustomResourceSnapshot previous, Workload workload, DcpObject<ExecutableSpec, WorkloadStatus> executable)
    {
        var snapshot = Update(previous, workload, executable.Metadata, executable.Status, executable.Spec?.Stop);
        var spec = executable.Spec!;
        var arguments = executable.Status?.EffectiveArgs ?? spec.Args;
        snapshot = snapshot
            .WithProperty("executable.path", spec.ExecutablePath)
            .WithProperty("executable.workDir", spec.WorkingDirectory)
            .WithProperty("executable.args", arguments, isSensitive: true)
            .WithProperty("executable.pid", executable.Status?.Pid);
        if (workload.Resource.Annotations.OfType<IProjectMetadata>().LastOrDefault() is not { } project)
            return snapshot.WithProperty("resource.appArgs", arguments, isSensitive: true);
        return snapshot
            .WithProperty("project.path", project.ProjectPath)
            .WithProperty("project.launchProfile", workload.Resource.TryGetLastAnnotation(out LaunchProfileAnnotation? profile)
                ? profile.Name : null);
    }

    public static CustomResourceSnapshot Update(
        CustomResourceSnapshot previous, Workload workload, DcpObject<ContainerSpec, WorkloadStatus> container) =>
        (Update(previous, workload, container.Metadata, container.Status, container.Spec?.Stop) with
        {
            Volumes = [.. container.Spec!.VolumeMounts.Select(v => new VolumeSnapshot(v.Source, v.Target, v.Type, v.ReadOnly))],
        })
        .WithProperty("container.image", container.Spec.Image)
        .WithProperty("container.id", container.Status?.ContainerId)
        .WithProperty("container.command", container.Spec.Command)
        .WithProperty("container.args", container.Status?.EffectiveArgs ?? container.Spec.Args, isSensitive: true)
        .WithProperty("container.ports", container.Spec.Ports.Select(p => p.ContainerPortNumber).ToList())
        .WithProperty("container.lifetime", container.Spec.Persistent == true ? "Persistent" : "Session");

    private static CustomResourceSnapshot Update(
        CustomResourceSnapshot previous, Workload workload, DcpMetadata metadata, WorkloadStatus? status, bool? stop)
    {
        var state = status?.State switch
        {
            null or "" or "Unknown" or "Pending" => previous.State?.Text,
            "Terminated" => KnownResourceStates.Finished,
            "Running" when stop == true => KnownResourceStates.Stopping,
            var other => other,
        };
        var running = state == KnownResourceStates.Running;
        return previous with
        {
            State = new ResourceStateSnapshot(state ?? KnownResourceStates.Starting, null),
            CreationTimeStamp = metadata.CreationTimestamp ?? previous.CreationTimeStamp,
            StartTimeStamp = status?.StartupTimestamp,
            StopTimeStamp = status?.FinishTimestamp,
            ExitCode = status?.ExitCode is { } code and not -1 ? code : null,
            StopRequested = stop == true,
            HealthReports = running ? previous.HealthReports
                : [.. previous.HealthReports.Select(r => r with { Status = null, Description = null, ExceptionText = null })],
            ResourceReady = running ? previous.ResourceReady : null,
            Urls = [.. previous.Urls.Select(u => u.Name is null ? u : u with { IsInactive = !running })],
            EnvironmentVariables = status?.EffectiveEnv is { } variables
                ? [.. variables.Select(v => new EnvironmentVariableSnapshot(v.Name, v.Value, workload.SpecVariables.Contains(v.Name)))]
                : previous.EnvironmentVariables,
        };
    }
}
