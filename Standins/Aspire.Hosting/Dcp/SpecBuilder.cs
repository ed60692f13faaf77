using System.Text.Json;
using Aspire.Hosting.ApplicationModel;
using Aspire.Hosting.Dcp.Model;
using Aspire.Hosting.Orchestration;
using Microsoft.Extensions.Logging;

namespace Aspire.Hosting.Dcp;

/// <summary>Translates resources into the orchestrator's objects, evaluating variables and arguments.</summary>
internal sealed class SpecBuilder(DistributedApplicationExecutionContext execution, ServiceAllocator services)
{
    public async Task<DcpObject<ExecutableSpec, WorkloadStatus>> ExecutableAsync(
        Workload workload, ILogger logger, CancellationToken cancellationToken)
    {
        var resource = workload.Resource;
        var (command, directory, arguments) = resource is ProjectResource
            ? ProjectLauncher.CommandOf(resource)
            : (((ExecutableResource)resource).Command, ((ExecutableResource)resource).WorkingDirectory, []);
        return new()
        {
            Kind = "Executable",
            Metadata = Metadata(workload),
            Spec = new()
            {
                ExecutablePath = command,
                WorkingDirectory = directory,
                Args = [.. arguments, .. await ExecutionConfiguration.ArgumentsOfAsync(resource, execution, logger, cancellationToken)],
                Env = await EnvironmentAsync(workload, logger, cancellationToken),
            },
        };
    }

    public async Task<DcpObject<ContainerSpec, WorkloadStatus>> ContainerAsync(
        Workload workload, ILogger logger, IServiceProvider serviceProvider, CancellationToken cancellationToken)
    {
        var resource = workload.Resource;
        var container = resource as ContainerResource;
        var args = await ExecutionConfiguration.ArgumentsOfAsync(resource, execution, logger, cancellationToken);
        return new()
        {
            Kind = "Container",
            Metadata = Metadata(workload),
            Spec = new()
            {
                ContainerName = workload.Name,
                Image = resource.TryGetLastAnnotation(out DockerfileBuildAnnotation? build)
                    ? null
                    : resource.Annotations.OfType<ContainerImageAnnotation>().Last().FullName,
                Build = build is null ? null : await BuildAsync(build, resource, cancellationToken),
                Command = container?.Entrypoint,
                Args = container?.ShellExecution == true ? ["-c", string.Join(' ', args)] : args,
                Env = await EnvironmentAsync(workload, logger, cancellationToken),
                Ports = [.. resource.Annotations.OfType<EndpointAnnotation>().Select(PortOf)],
                VolumeMounts = [.. resource.Annotations.OfType<ContainerMountAnnotation>().Select(m =>
                    new ContainerVolumeMount(
                        m.Type == ContainerMountType.BindMount ? "bind" : "volume", m.Source, m.Target, m.IsReadOnly))],
                RunArgs = await RuntimeArgsAsync(resource, cancellationToken),
                Persistent = IsPersistent(resource) ? true : null,
                PullPolicy = PullPolicyOf(resource),
                Networks = [new(KnownNetworkIdentifiers.DefaultAspireContainerNetwork.Value,
                    [resource.Name, $"{resource.Name}.dev.internal", .. resource.Annotations.OfType<ContainerNetworkAliasAnnotation>()
                        .Select(a => a.Alias)])],
                CreateFiles = await FilesAsync(resource, serviceProvider, cancellationToken),
            },
        };
    }

    public static bool IsPersistent(IResource resource) =>
        resource.TryGetLastAnnotation(out ContainerLifetimeAnnotation? lifetime) && lifetime.Lifetime == ContainerLifetime.Persistent;

    private static ContainerPort PortOf(EndpointAnnotation endpoint) => new(
        endpoint.TargetPort!.Value,
        endpoint.IsProxied ? null : endpoint.AllocatedEndpoint?.Port,
        endpoint.Protocol == System.Net.Sockets.ProtocolType.Udp ? "UDP" : "TCP",
        endpoint.TargetHost == "localhost" ? null : endpoint.TargetHost);

    private static string? PullPolicyOf(IResource resource) =>
        !resource.TryGetLastAnnotation(out ContainerImagePullPolicyAnnotation? pull) || pull.ImagePullPolicy == ImagePullPolicy.Default
            ? null
            : pull.ImagePullPolicy.ToString().ToLowerInvariant();

    private static async Task<List<string>> RuntimeArgsAsync(IResource resource, CancellationToken cancellationToken)
    {
        var context = new ContainerRuntimeArgsCallbackContext([], cancellationToken);
        foreach (var annotation in resource.Annotations.OfType<ContainerRuntimeArgsCallbackAnnotation>())
            await annotation.Callback(context);
        return [.. context.Args.Select(a => a.ToString()!)];
    }

    private static async Task<List<ContainerCreateFiles>> FilesAsync(
        IResource resource, IServiceProvider serviceProvider, CancellationToken cancellationToken)
    {
        var files = new List<ContainerCreateFiles>();
        foreach (var annotation in resource.Annotations.OfType<ContainerFileSystemCallbackAnnotation>())
        {
            var items = await annotation.Callback(
                new ContainerFileSystemCallbackContext { ServiceProvider = serviceProvider, Model = resource }, cancellationToken);
            files.Add(new(
                annotation.DestinationPath, annotation.DefaultOwner ?? 0, annotation.DefaultGroup ?? 0,
                (int)(annotation.Umask ?? (UnixFileMode.GroupWrite | UnixFileMode.OtherWrite)), [.. items.Select(EntryOf)]));
        }

        return files;
    }

    private static ContainerFileEntry EntryOf(ContainerFileSystemItem item) => item switch
    {
        ContainerFile { SourcePath: not null, Contents: not null } => throw new DistributedApplicationException(
            $"The container file '{item.Name}' has both contents and a source path."),
        ContainerFile file => new("file", file.Name, file.Owner, file.Group, (int)file.Mode, file.SourcePath, file.Contents, null),
        ContainerDirectory folder => new(
            "directory", folder.Name, folder.Owner, folder.Group, (int)folder.Mode, null, null, [.. folder.Entries.Select(EntryOf)]),
        _ => throw new DistributedApplicationException($"A container file can't be a {item.GetType().Name}."),
    };

    private async Task<ContainerBuildSpec> BuildAsync(
        DockerfileBuildAnnotation build, IResource resource, CancellationToken cancellationToken)
    {
        var args = new List<DcpNameValue>();
        foreach (var (name, value) in build.BuildArguments)
            args.Add(new(name, await ExecutionConfiguration.ResolveAsync(value, resource, execution, cancellationToken)));
        return new(build.ContextPath, build.DockerfilePath, build.Stage, args);
    }

    private async Task<List<DcpNameValue>> EnvironmentAsync(Workload workload, ILogger logger, CancellationToken cancellationToken)
    {
        var variables = await ExecutionConfiguration.EnvironmentOfAsync(workload.Resource, execution, logger, cancellationToken);
        workload.SpecVariables.Clear();
        workload.SpecVariables.UnionWith(variables.Keys);
        return [.. variables.Select(v => new DcpNameValue(v.Key, v.Value))];
    }

    private DcpMetadata Metadata(Workload workload)
    {
        var producers = services.ProducersOf(workload.Resource).ToList();
        var annotations = new Dictionary<string, string>
        {
            [DcpAnnotations.ResourceName] = workload.Resource.Name,
            [DcpAnnotations.OtelServiceName] = workload.Resource.Name,
            [DcpAnnotations.OtelInstanceId] = workload.InstanceId,
            [DcpAnnotations.ReplicaCount] = workload.ReplicaCount.ToString(System.Globalization.CultureInfo.InvariantCulture),
            [DcpAnnotations.ReplicaIndex] = workload.ReplicaIndex.ToString(System.Globalization.CultureInfo.InvariantCulture),
        };
        if (producers.Count > 0)
            annotations[DcpAnnotations.ServiceProducer] = JsonSerializer.Serialize(producers, DcpClient.Json);
        return new() { Name = workload.Name, Annotations = annotations };
    }
}
