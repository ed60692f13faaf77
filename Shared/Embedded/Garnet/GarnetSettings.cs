using System.Text.Json;

namespace Platform.Embedded.Garnet;

/// <summary>Garnet's configuration file. The password stands here and not on the command line, which everybody can read.</summary>
internal static class GarnetSettings
{
    public static string Write(EmbeddedGarnetOptions options, string password, string dataFolder)
    {
        var settings = new Dictionary<string, object>
        {
            ["Address"] = string.Join(' ', Loopback.Addresses),
            ["AuthenticationMode"] = "Password",
            ["Password"] = password,
            ["EnableLua"] = true,
            // Scripts are atomic on Redis; here they are only when told to lock their keys.
            ["LuaTransactionMode"] = true,
            // Defaults are made for a server of its own (16 GB); these for a developer's machine.
            ["LogMemorySize"] = options.Memory,
            ["PageSize"] = "4m",
            ["IndexMemorySize"] = "16m",
            ["CheckpointDir"] = dataFolder,
            ["QuietMode"] = true,
        };
        return JsonSerializer.Serialize(settings);
    }
}
