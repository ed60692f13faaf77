using Microsoft.Extensions.Configuration;
using Platform.Embedded;

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

    /// <summary>
    /// Gives it libvips, for pictures: fetched beside everything else where it isn't kept already. Without it the Worker looks for an
    /// installed one, and says so if there is none; so it does in a deployment, whose images bring their own.
    /// </summary>
    public static IResourceBuilder<ProjectResource> WithImageLibrary(this IResourceBuilder<ProjectResource> worker)
    {
        const string Setting = "Images:Library";
        if (!worker.ApplicationBuilder.ExecutionContext.IsRunMode)
            return worker;
        var located = worker.ApplicationBuilder.Configuration[Setting] is { Length: > 0 } chosen
            ? Task.FromResult<(string?, string?)>((chosen, null))
            : Task.Run(() => EmbeddedVips.LocateAsync(new ConsoleProgress(worker.Resource.Name)));
        return worker.WithEnvironment(async context =>
        {
            var (library, reason) = await located;
            if (library is not null)
                context.EnvironmentVariables[Setting.Replace(":", "__", StringComparison.Ordinal)] = library;
            else
                Console.WriteLine($"{worker.Resource.Name}: libvips can't be fetched: {reason}");
        });
    }
}
