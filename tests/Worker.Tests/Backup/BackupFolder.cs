namespace Platform.Worker.Tests.Backup;

/// <summary>A folder of one test.</summary>
internal sealed class BackupFolder : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("platform-backup-").FullName;

    public IReadOnlyList<string> Files => [.. Directory.EnumerateFiles(Path).Select(path => System.IO.Path.GetFileName(path)).Order(StringComparer.Ordinal)];

    public string this[string name] => System.IO.Path.Combine(Path, name);

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
