using Microsoft.Extensions.Configuration;

namespace Platform.AppHost;

/// <summary>Settings of the Worker that depend on how the application is run.</summary>
internal static class WorkerSettings
{
    /// <summary>Hands on what the AppHost was told of backups: where they go, above all.</summary>
    public static IResourceBuilder<ProjectResource> WithBackups(this IResourceBuilder<ProjectResource> worker)
    {
        foreach (var setting in worker.ApplicationBuilder.Configuration.GetSection("Backup").GetChildren())
            worker.WithEnvironment($"Backup__{setting.Key}", setting.Value);
        return worker;
    }

    /// <summary>Where links to opt out of campaigns lead. How a published API is reached from outside only its operator knows.</summary>
    public static IResourceBuilder<ProjectResource> WithOptOutLinks(
        this IResourceBuilder<ProjectResource> worker, IResourceBuilder<ProjectResource> api) =>
        worker.ApplicationBuilder.ExecutionContext.IsRunMode
            ? worker.WithEnvironment("Campaigns__PublicUrl", api.GetEndpoint("http"))
            : worker;
}
