using System.Reflection;
using System.Text.Json;

namespace Aspire.Hosting.Testing;

/// <summary>How an application is configured differently in a test.</summary>
internal static class TestDefaults
{
    private static readonly Dictionary<string, string?> Always = new()
    {
        ["DisableDashboard"] = "true",
        ["DcpPublisher:RandomizePorts"] = "true",
        ["ASPNETCORE_URLS"] = "http://localhost:0",
        ["ASPIRE_ALLOW_UNSECURED_TRANSPORT"] = "true",
    };

    private static readonly JsonSerializerOptions Lenient = new(JsonSerializerDefaults.Web)
    {
        ReadCommentHandling = JsonCommentHandling.Skip,
        AllowTrailingCommas = true,
    };

    /// <summary>
    /// The defaults as configuration, below everything else: the AppHost's launch profile, then what a test always wants.
    /// </summary>
    public static Dictionary<string, string?> Configuration(Assembly appHost)
    {
        var values = new Dictionary<string, string?>(StringComparer.OrdinalIgnoreCase);
        foreach (var (name, value) in LaunchProfileOf(appHost)?.EnvironmentVariables ?? [])
        {
            // Where the profile sends telemetry is the dashboard of a platform that may be running beside the test.
            if (name.StartsWith("ASPIRE_DASHBOARD_", StringComparison.Ordinal)
                || name.StartsWith("ASPIRE_RESOURCE_SERVICE_", StringComparison.Ordinal))
                continue;
            var key = name.Replace("__", ":", StringComparison.Ordinal);
            values[key] = value;
            foreach (var prefix in new[] { "DOTNET_", "ASPNETCORE_" })
            {
                if (key.StartsWith(prefix, StringComparison.Ordinal))
                    values[key[prefix.Length..]] = value;
            }
        }

        values.Remove("URLS");
        foreach (var (key, value) in Always)
            values[key] = value;
        return values;
    }

    /// <summary>The same for an application without AppHost, where arguments are all there is.</summary>
    public static IEnumerable<string> Arguments(string[] args) => Always
        .Where(d => !args.Any(a => a.TrimStart('-').StartsWith(d.Key + "=", StringComparison.OrdinalIgnoreCase)))
        .Select(d => $"--{d.Key}={d.Value}");

    private static LaunchProfile? LaunchProfileOf(Assembly appHost)
    {
        var folder = appHost.GetCustomAttributes<AssemblyMetadataAttribute>().FirstOrDefault(a => a.Key == "apphostprojectpath")?.Value;
        var file = Path.Combine(folder ?? ".", "Properties", "launchSettings.json");
        if (!File.Exists(file))
            return null;
        var profiles = JsonSerializer.Deserialize<LaunchSettings>(File.ReadAllText(file), Lenient)!.Profiles;
        return Environment.GetEnvironmentVariable("DOTNET_LAUNCH_PROFILE") is { } name && profiles.TryGetValue(name, out var wanted)
            ? wanted
            : profiles.Values.FirstOrDefault(p => p.CommandName == "Project");
    }
}
