namespace Platform.Embedded;

/// <summary>Checks for room before something is written, because the errors of a full disk come late and say little.</summary>
internal static class DiskSpace
{
    /// <summary>Throws if the file system of the folder has fewer free bytes than needed.</summary>
    public static void Require(string folder, long bytes, string purpose)
    {
        var existing = Path.GetFullPath(folder);
        while (!Directory.Exists(existing)) existing = Path.GetDirectoryName(existing)!;
        long free;
        try
        {
            free = new DriveInfo(existing).AvailableFreeSpace;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or ArgumentException)
        {
            // Some file systems don't tell; then writing will.
            return;
        }
        if (free < bytes)
        {
            throw new EmbeddedServerException(
                $"The disk is too full for {purpose}: {existing} has {free >> 20} MB free, {bytes >> 20} MB are needed. "
                + "Free some space, or set another folder.");
        }
    }
}
