using System.Security.Cryptography;

namespace Platform.Embedded;

/// <summary>Generates passwords and keeps them in files only their owner can read.</summary>
internal static class Secrets
{
    private const string Alphabet = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789";

    /// <summary>24 random letters and digits: 139 bits, nothing to escape in a connection string.</summary>
    public static string Generate() => RandomNumberGenerator.GetString(Alphabet, 24);

    /// <summary>The secret in the file, or null if there is none.</summary>
    public static string? Read(string path) => File.Exists(path) ? File.ReadAllText(path).Trim() : null;

    /// <summary>Replaces the file's content; mode 0600 from the moment it exists.</summary>
    public static void Write(string path, string content)
    {
        File.Delete(path);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using var writer = new StreamWriter(path, options);
        writer.Write(content);
    }
}
