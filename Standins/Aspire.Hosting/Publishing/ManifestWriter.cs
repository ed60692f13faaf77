using System.Text.Json;
using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Publishing;

/// <summary>Writes the resources of a model as the manifest deployment tools read.</summary>
internal sealed class ManifestWriter(ManifestPublishingContext context)
{
    private readonly ManifestExpressions _expressions = new();
    private readonly ManifestBindings _bindings = new();

    private Utf8JsonWriter Writer => context.Writer;

    public async Task WriteAsync(DistributedApplicationModel model)
    {
        Writer.WriteStartObject();
        Writer.WriteStartObject("resources");
        foreach (var resource in model.Resources)
        {
            if (resource.TryGetLastAnnotation(out ManifestPublishingCallbackAnnotation? custom))
            {
                if (custom.Callback is null) continue; // Excluded.
                Writer.WriteStartObject(resource.Name);
                await custom.Callback(context);
            }
            else
            {
                Writer.WriteStartObject(resource.Name);
                await WriteAsync(resource);
            }
            Writer.WriteEndObject();
        }
        foreach (var (name, expression) in _expressions.Encoded)
        {
            Writer.WriteStartObject(name);
            Writer.WriteString("type", "annotated.string");
            Writer.WriteString("value", expression);
            Writer.WriteString("filter", "uri");
            Writer.WriteEndObject();
        }
        Writer.WriteEndObject();
        Writer.WriteEndObject();
        await Writer.FlushAsync(context.CancellationToken);
    }

    private Task WriteAsync(IResource resource)
    {
        switch (resource)
        {
            case ProjectResource project:
                return WriteProjectAsync(project);
            case ContainerResource container:
                return WriteContainerAsync(container);
            case ExecutableResource executable when executable.TryGetLastAnnotation(out DockerfileBuildAnnotation? build):
                return WriteDockerfileAsync(executable, build);
            case ExecutableResource executable:
                return WriteExecutableAsync(executable);
            case ParameterResource parameter:
                WriteParameter(parameter);
                return Task.CompletedTask;
            case IResourceWithConnectionString connection:
                Writer.WriteString("type", "value.v0");
                Writer.WriteString("connectionString", _expressions.Of(connection.ConnectionStringExpression));
                return Task.CompletedTask;
            default:
                Writer.WriteString("error", "This resource does not support generation in the manifest.");
                return Task.CompletedTask;
        }
    }

    private async Task WriteProjectAsync(ProjectResource project)
    {
        Writer.WriteString("type", "project.v0");
        if (!project.TryGetLastAnnotation(out IProjectMetadata? metadata))
            throw new DistributedApplicationException($"The project '{project.Name}' has no path.");
        Writer.WriteString("path", context.GetManifestRelativePath(metadata.ProjectPath));
        await WriteProcessAsync(project);
    }

    private async Task WriteExecutableAsync(ExecutableResource executable)
    {
        Writer.WriteString("type", "executable.v0");
        Writer.WriteString("workingDirectory", context.GetManifestRelativePath(executable.WorkingDirectory));
        Writer.WriteString("command", executable.Command);
        await WriteProcessAsync(executable);
    }

    private async Task WriteDockerfileAsync(ExecutableResource executable, DockerfileBuildAnnotation build)
    {
        Writer.WriteString("type", "dockerfile.v0");
        Writer.WriteString("path", context.GetManifestRelativePath(build.DockerfilePath));
        Writer.WriteString("context", context.GetManifestRelativePath(build.ContextPath));
        WriteStrings("buildArgs", build.BuildArguments);
        await WriteProcessAsync(executable);
    }

    private async Task WriteContainerAsync(ContainerResource container)
    {
        var build = container.TryGetLastAnnotation(out DockerfileBuildAnnotation? annotation) ? annotation : null;
        Writer.WriteString("type", build is null ? "container.v0" : "container.v1");
        if (container is IResourceWithConnectionString connection)
            Writer.WriteString("connectionString", _expressions.Of(connection.ConnectionStringExpression));
        if (build is not null)
        {
            Writer.WriteStartObject("build");
            Writer.WriteString("context", context.GetManifestRelativePath(build.ContextPath));
            Writer.WriteString("dockerfile", context.GetManifestRelativePath(build.DockerfilePath));
            if (build.Stage is { } stage) Writer.WriteString("stage", stage);
            WriteStrings("args", build.BuildArguments);
            Writer.WriteEndObject();
        }
        else
        {
            if (!container.TryGetContainerImageName(out var image))
                throw new DistributedApplicationException($"The container '{container.Name}' has no image.");
            Writer.WriteString("image", image);
        }
        if (container.Entrypoint is { } entrypoint) Writer.WriteString("entrypoint", entrypoint);
        await WriteArgumentsAsync(container);
        WriteMounts(container);
        await WriteEnvironmentAsync(container);
        _bindings.Write(Writer, container);
    }

    private void WriteParameter(ParameterResource parameter)
    {
        Writer.WriteString("type", "parameter.v0");
        if (parameter is IResourceWithConnectionString) Writer.WriteString("connectionString", $"{{{parameter.Name}.value}}");
        Writer.WriteString("value", $"{{{parameter.Name}.inputs.value}}");
        Writer.WriteStartObject("inputs");
        Writer.WriteStartObject("value");
        Writer.WriteString("type", "string");
        if (parameter.Secret) Writer.WriteBoolean("secret", true);
        if (parameter.Default is { } value)
        {
            Writer.WriteStartObject("default");
            value.WriteToManifest(context);
            Writer.WriteEndObject();
        }
        Writer.WriteEndObject();
        Writer.WriteEndObject();
    }

    private async Task WriteProcessAsync(IResource resource)
    {
        await WriteArgumentsAsync(resource);
        await WriteEnvironmentAsync(resource);
        _bindings.Write(Writer, resource);
    }

    private async Task WriteArgumentsAsync(IResource resource)
    {
        if (!resource.TryGetAnnotationsOfType<CommandLineArgsCallbackAnnotation>(out var annotations)) return;
        var callback = new CommandLineArgsCallbackContext([], resource, context.CancellationToken)
        {
            ExecutionContext = context.ExecutionContext,
        };
        foreach (var annotation in annotations) await annotation.Callback(callback);
        if (callback.Args.Count == 0) return;
        IEnumerable<string> arguments = callback.Args.Select(_expressions.Of);
        // For a shell they are one command line, whose variables it replaces.
        if (resource is ContainerResource { ShellExecution: true }) arguments = ["-c", string.Join(' ', arguments)];
        Writer.WriteStartArray("args");
        foreach (var argument in arguments) Writer.WriteStringValue(argument);
        Writer.WriteEndArray();
    }

    private async Task WriteEnvironmentAsync(IResource resource)
    {
        if (!resource.TryGetAnnotationsOfType<EnvironmentCallbackAnnotation>(out var annotations)) return;
        var callback = new EnvironmentCallbackContext(context.ExecutionContext, resource, [], context.CancellationToken);
        foreach (var annotation in annotations) await annotation.Callback(callback);
        WriteStrings("env", callback.EnvironmentVariables!);
    }

    private void WriteMounts(ContainerResource container)
    {
        var mounts = container.Annotations.OfType<ContainerMountAnnotation>().ToLookup(mount => mount.Type);
        WriteMounts("volumes", mounts[ContainerMountType.Volume], "name", source => source);
        WriteMounts("bindMounts", mounts[ContainerMountType.BindMount], "source", context.GetManifestRelativePath);
    }

    private void WriteMounts(string member, IEnumerable<ContainerMountAnnotation> mounts, string sourceMember, Func<string, string> source)
    {
        if (!mounts.Any()) return;
        Writer.WriteStartArray(member);
        foreach (var mount in mounts)
        {
            Writer.WriteStartObject();
            if (mount.Source is { } value) Writer.WriteString(sourceMember, source(value));
            Writer.WriteString("target", mount.Target);
            Writer.WriteBoolean("readOnly", mount.IsReadOnly);
            Writer.WriteEndObject();
        }
        Writer.WriteEndArray();
    }

    private void WriteStrings(string member, IEnumerable<KeyValuePair<string, object?>> values)
    {
        if (!values.Any()) return;
        Writer.WriteStartObject(member);
        foreach (var (name, value) in values) Writer.WriteString(name, _expressions.Of(value));
        Writer.WriteEndObject();
    }
}
