using System.Globalization;

namespace Platform.Bench;

/// <summary>
/// Tells when two steps of a lane run at once, in whatever processes, by locks on files: the system ends them with the process that
/// is killed, and they outlast a restart of the database.
/// </summary>
internal sealed class LaneLocks(string folder)
{
    private const string Collisions = "collisions";

    public string Folder { get; } = folder;

    public static LaneLocks Create() => new(Directory.CreateTempSubdirectory("platform-bench-lanes-").FullName);

    /// <returns>Null when somebody else is in the lane, which is remembered.</returns>
    public IDisposable? TryEnter(int lane)
    {
        try
        {
            return new FileStream(
                Path.Combine(Folder, lane.ToString(CultureInfo.InvariantCulture)), FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None, 1);
        }
        catch (IOException)
        {
            File.WriteAllText(Path.Combine(Folder, $"{Collisions}-{Guid.NewGuid():N}"), lane.ToString(CultureInfo.InvariantCulture));
            return null;
        }
    }

    public int CountCollisions() => Directory.GetFiles(Folder, $"{Collisions}-*").Length;

    public void Delete() => Directory.Delete(Folder, recursive: true);
}
