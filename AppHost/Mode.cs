using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;

namespace Platform.AppHost;

/// <summary>How this run of the AppHost was asked to be: the command line, environment and settings, read in one place.</summary>
internal static class Mode
{
    /// <summary>Servers run as processes: the default. Off with <c>--containers</c> (or <c>Containers=true</c>) and when publishing.</summary>
    public static bool IsEmbedded(this IDistributedApplicationBuilder builder) =>
        builder.ExecutionContext.IsRunMode && !builder.IsSet("containers");

    /// <summary><c>--fresh</c> discards the data of earlier runs.</summary>
    public static bool IsFresh(this IDistributedApplicationBuilder builder) => builder.IsSet("fresh");

    /// <summary><c>Ephemeral=true</c>: data in a temporary folder, gone with the run. Tests use it.</summary>
    public static bool IsEphemeral(this IDistributedApplicationBuilder builder) => builder.IsSet("ephemeral");

    /// <summary>Demo accounts and contacts belong to development only.</summary>
    public static bool SeedsDemoData(this IDistributedApplicationBuilder builder) =>
        builder.ExecutionContext.IsRunMode && builder.Environment.IsDevelopment();

    /// <summary>A password of the deployment's own: generated, never written in this repository.</summary>
    public static IResourceBuilder<ParameterResource> AddGeneratedSecret(this IDistributedApplicationBuilder builder, string name) =>
        builder.AddParameter(name, new GenerateParameterDefault { MinLength = 32, Special = false }, secret: true, persist: true);

    // A bare --flag is no pair for the configuration's command line, so both spellings are read.
    private static bool IsSet(this IDistributedApplicationBuilder builder, string name) =>
        Environment.GetCommandLineArgs().Contains($"--{name}", StringComparer.OrdinalIgnoreCase)
        || builder.Configuration.GetValue<bool>(name);
}
