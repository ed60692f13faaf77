using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Configuration.UserSecrets;

namespace Aspire.Hosting.Parameters;

/// <summary>The AppHost's user secrets, where generated values are remembered between runs.</summary>
internal sealed class UserSecretsStore(string path)
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };
    private static readonly Lock WriteLock = new();

    /// <summary>Null when the assembly has no <c>UserSecretsId</c>.</summary>
    public static UserSecretsStore? For(Assembly? assembly) =>
        assembly?.GetCustomAttribute<UserSecretsIdAttribute>() is { } id
            ? new UserSecretsStore(PathHelper.GetSecretsPathFromSecretsId(id.UserSecretsId))
            : null;

    public IConfigurationRoot Load() => new ConfigurationBuilder().AddJsonFile(path, optional: true, reloadOnChange: false).Build();

    /// <summary>
    /// Sets a value unless there is one, and returns the one that holds: of two hosts that start together, the first wins.
    /// </summary>
    public string GetOrSet(string key, Func<string> create)
    {
        lock (WriteLock)
        {
            Directory.CreateDirectory(Path.GetDirectoryName(path)!);
            using var file = OpenExclusively();
            var secrets = file.Length == 0
                ? []
                : JsonNode.Parse(file, null, new() { CommentHandling = JsonCommentHandling.Skip })!.AsObject();
            if (secrets[key]?.GetValue<string>() is { } existing)
                return existing;

            var value = create();
            secrets[key] = value;
            file.SetLength(0);
            JsonSerializer.Serialize(file, secrets, Indented);
            return value;
        }
    }

    private FileStream OpenExclusively()
    {
        var options = new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.None };
        if (!OperatingSystem.IsWindows())
            options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;

        for (var attempt = 0; ; attempt++)
        {
            try
            {
                return new FileStream(path, options);
            }
            catch (IOException) when (attempt < 50)
            {
                // Another host writes its few bytes.
                Thread.Sleep(20);
            }
        }
    }
}
