using System.Diagnostics;

namespace Platform.Embedded;

/// <summary>
/// Chooses folders. A server that runs as another user than this process needs folders that user can reach, which
/// <c>/root</c> is not.
/// </summary>
internal static class Folders
{
    private const string TemporaryPrefix = "platform-";

    private const UnixFileMode Execute = UnixFileMode.UserExecute | UnixFileMode.GroupExecute | UnixFileMode.OtherExecute;

    private const UnixFileMode Shared = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
        | UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    /// <summary>
    /// Path for something fetched once: in the user's cache, else in the machine's; in the first of them that has it or is
    /// writable. Never in a temporary folder, where others could put programs of theirs.
    /// </summary>
    public static string Cached(string name, bool forOtherUser)
    {
        string[] candidates = OperatingSystem.IsWindows() ? [UserCache()] : [UserCache(), "/var/cache"];
        var folders = candidates.Select(candidate => Path.Combine(candidate, "platform"));
        return Path.Combine(First(folders, forOtherUser, "a cache", present: name), name);
    }

    /// <summary>Folder for a server's data that is kept: in the checkout, else machine-wide per checkout.</summary>
    public static string Data(string server, bool forOtherUser)
    {
        var candidates = new List<string>();
        if (Checkout.Root is { } root) candidates.Add(Path.Combine(root, ".data"));
        if (!OperatingSystem.IsWindows()) candidates.Add(Path.Combine("/var/lib/platform", Checkout.Key));
        candidates.Add(Path.Combine(UserCache(), "platform", "data", Checkout.Key));
        return Path.Combine(First(candidates, forOtherUser, "the servers' data"), server);
    }

    /// <summary>A new folder for data that goes with the server.</summary>
    public static string Temporary(string server, bool forOtherUser)
    {
        var parent = First([Path.GetTempPath(), "/tmp", "/var/tmp"], forOtherUser, "temporary data");
        RemoveLeftovers(parent, server);
        // The process in the name tells later runs whether the folder is still somebody's.
        var name = $"{TemporaryPrefix}{server}-{Environment.ProcessId}-{Guid.NewGuid():N}"[..^20];
        return Directory.CreateDirectory(Path.Combine(parent, name)).FullName;
    }

    /// <summary>Whether any user may pass through the folder and those above it.</summary>
    public static bool IsOpenToAll(string folder)
    {
        if (OperatingSystem.IsWindows()) return true;
        for (var current = new DirectoryInfo(Path.GetFullPath(folder)); current is not null; current = current.Parent)
        {
            if (current.Exists && !current.UnixFileMode.HasFlag(UnixFileMode.OtherExecute)) return false;
        }
        return true;
    }

    /// <summary>Lets every user read the files, run the programs and enter the folders, whatever the umask was.</summary>
    public static void OpenToAll(string folder)
    {
        if (OperatingSystem.IsWindows()) return;
        File.SetUnixFileMode(folder, Shared);
        foreach (var entry in new DirectoryInfo(folder).EnumerateFileSystemInfos("*", SearchOption.AllDirectories))
        {
            if (entry.LinkTarget is not null) continue;
            var executable = entry is DirectoryInfo || entry.UnixFileMode.HasFlag(UnixFileMode.UserExecute);
            entry.UnixFileMode |= executable ? Shared : Shared & ~Execute;
        }
    }

    /// <summary>Creates the folder, and those above it, open to all if the server runs as another user.</summary>
    public static void Create(string folder, bool forOtherUser)
    {
        if (Directory.Exists(folder)) return;
        if (Path.GetDirectoryName(Path.GetFullPath(folder)) is { } parent) Create(parent, forOtherUser);
        Directory.CreateDirectory(folder);
        // The umask applies to what is created, not to what is changed.
        if (forOtherUser && !OperatingSystem.IsWindows()) File.SetUnixFileMode(folder, Shared);
    }

    private static string First(IEnumerable<string> candidates, bool forOtherUser, string purpose, string? present = null)
    {
        var refused = new List<string>();
        foreach (var candidate in candidates)
        {
            try
            {
                if (forOtherUser && !IsOpenToAll(candidate))
                {
                    refused.Add($"{candidate} (other users can't enter it)");
                    continue;
                }
                if (present is not null && Path.Exists(Path.Combine(candidate, present))) return candidate;
                Create(candidate, forOtherUser);
                var probe = Path.Combine(candidate, $".writable-{Environment.ProcessId}-{Guid.NewGuid():N}");
                File.Create(probe).Dispose();
                File.Delete(probe);
                return candidate;
            }
            catch (Exception error) when (error is UnauthorizedAccessException or IOException)
            {
                refused.Add($"{candidate} ({error.Message})");
            }
        }
        throw new EmbeddedServerException(
            $"No folder for {purpose}: {string.Join("; ", refused)}. Make one of them writable and reachable.");
    }

    /// <summary>Removes temporary folders whose process was killed before its server could tidy up.</summary>
    private static void RemoveLeftovers(string parent, string server)
    {
        foreach (var folder in Directory.EnumerateDirectories(parent, $"{TemporaryPrefix}{server}-*"))
        {
            if (!int.TryParse(Path.GetFileName(folder).Split('-').ElementAtOrDefault(2), out var owner)) continue;
            // The server of a dead process may still be shutting down in there; that takes seconds.
            if (IsAlive(owner) || Directory.GetLastWriteTimeUtc(folder) > TimeProvider.System.GetUtcNow().AddMinutes(-1)) continue;
            try
            {
                Directory.Delete(folder, recursive: true);
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                // Another user's, or another process removes it right now: theirs to remove.
            }
        }
    }

    private static bool IsAlive(int processId)
    {
        try
        {
            using var process = Process.GetProcessById(processId);
            return true;
        }
        catch (ArgumentException)
        {
            return false;
        }
    }

    private static string UserCache()
    {
        if (OperatingSystem.IsWindows()) return Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData);
        var xdg = Environment.GetEnvironmentVariable("XDG_CACHE_HOME");
        if (!string.IsNullOrEmpty(xdg) && Path.IsPathRooted(xdg)) return xdg;
        return Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".cache");
    }
}
