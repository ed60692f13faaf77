namespace Platform.Embedded.Tests;

/// <summary>A folder any user may enter, removed at the end.</summary>
internal sealed class TemporaryFolder : IDisposable
{
    public TemporaryFolder()
    {
        // Not the test's own temporary folder: other users have to be able to reach it, and that may be anywhere.
        var parent = Folders.IsOpenToAll(System.IO.Path.GetTempPath()) ? System.IO.Path.GetTempPath() : "/tmp";
        Path = System.IO.Path.Combine(parent, $"embedded-tests-{Guid.NewGuid():N}");
        Folders.Create(Path, forOtherUser: true);
    }

    public string Path { get; }

    public string this[string name] => System.IO.Path.Combine(Path, name);

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
