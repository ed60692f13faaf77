using System.Security.Cryptography;
using System.Text;

namespace Platform.Embedded;

/// <summary>The checkout of the repository this process runs from.</summary>
internal static class Checkout
{
    private static readonly Lazy<string?> Found = new(() => Find(AppContext.BaseDirectory) ?? Find(Directory.GetCurrentDirectory()));

    /// <summary>Folder that holds the tool manifest, or null when the process doesn't run from a checkout.</summary>
    public static string? Root => Found.Value;

    /// <summary>Names the checkout in folders shared by all of them.</summary>
    public static string Key => KeyOf(Root ?? Directory.GetCurrentDirectory());

    /// <summary>A short name for a folder that no other folder has: its last part and a hash of its path.</summary>
    public static string KeyOf(string folder)
        => $"{Path.GetFileName(folder)}-{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(folder)))[..12]}";

    private static string? Find(string start)
    {
        for (var folder = new DirectoryInfo(start); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, ".config", "dotnet-tools.json"))) return folder.FullName;
        }
        return null;
    }
}
