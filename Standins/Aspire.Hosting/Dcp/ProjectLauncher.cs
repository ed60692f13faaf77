using System.Reflection;
using System.Runtime.InteropServices;
using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Dcp;

/// <summary>How a project is started: its built program if the AppHost's build knows it, else by <c>dotnet run</c>.</summary>
internal static class ProjectLauncher
{
    public static (string Command, string Directory, string[] Args) CommandOf(IResource resource)
    {
        var metadata = resource.Annotations.OfType<IProjectMetadata>().Last();
        var directory = Path.GetDirectoryName(metadata.ProjectPath)!;
        if (metadata is IProjectOutput { TargetPath: var assembly } && File.Exists(assembly))
        {
            // `dotnet run` would evaluate the project again, which costs seconds of CPU for each.
            var program = Path.ChangeExtension(assembly, OperatingSystem.IsWindows() ? ".exe" : null);
            return File.Exists(program) ? (program, directory, []) : ("dotnet", directory, [assembly]);
        }

        var configuration = Assembly.GetEntryAssembly()?.GetCustomAttribute<AssemblyConfigurationAttribute>()?.Configuration;
        string[] arguments = ["run", "--project", metadata.ProjectPath, "--no-launch-profile"];
        if (!string.IsNullOrEmpty(configuration))
            arguments = [.. arguments, "--configuration", configuration];
        return ("dotnet", directory, [.. metadata.SuppressBuild ? [.. arguments, "--no-build"] : arguments, "--"]);
    }

    /// <summary>Where a program finds the runtime that this one runs on; null when it looks there anyway.</summary>
    public static string? DotnetRoot { get; } = FindDotnetRoot();

    private static string? FindDotnetRoot()
    {
        // …/dotnet/shared/Microsoft.NETCore.App/10.0.0/
        var root = Path.GetFullPath(Path.Combine(RuntimeEnvironment.GetRuntimeDirectory(), "..", "..", ".."));
        return File.Exists(Path.Combine(root, OperatingSystem.IsWindows() ? "dotnet.exe" : "dotnet")) ? root : null;
    }
}
