using Platform.Worker.Backup;

namespace Platform.Worker.Tests.Backup;

[Trait("Req", "J3")]
public sealed class BackupFilesTests : IDisposable
{
    private static readonly DateTimeOffset Now = new(2026, 3, 10, 2, 0, 0, TimeSpan.Zero);

    private readonly BackupFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Prune_keeps_the_newest_so_many_that_are_young_enough()
    {
        Make("platform-20260310T010000Z.zip", "platform-20260309T010000Z.dump", "platform-20260308T010000Z.zip", "platform-20260301T010000Z.zip");

        var deleted = BackupFiles.Prune(_folder.Path, "platform", keep: 3, TimeSpan.FromDays(1.5), Now);

        Assert.Equal(["platform-20260308T010000Z.zip", "platform-20260301T010000Z.zip"], deleted);
        Assert.Equal(["platform-20260309T010000Z.dump", "platform-20260310T010000Z.zip"], _folder.Files);
    }

    [Fact]
    public void Prune_counts()
    {
        Make("platform-20260310T010000Z.zip", "platform-20260309T010000Z.zip", "platform-20260308T010000Z.zip");

        BackupFiles.Prune(_folder.Path, "platform", keep: 2, TimeSpan.FromDays(100), Now);

        Assert.Equal(["platform-20260309T010000Z.zip", "platform-20260310T010000Z.zip"], _folder.Files);
    }

    [Fact]
    public void Prune_never_deletes_the_newest_nor_what_is_not_its_own()
    {
        string[] files = ["notes.zip", "platform-20200101T010000Z.txt", "platform-20200101T010000Z.zip", "platform-eu-20200101T010000Z.zip", "platform-x.zip"];
        Make(files);

        Assert.Empty(BackupFiles.Prune(_folder.Path, "platform", keep: 1, TimeSpan.FromDays(1), Now));

        Assert.Equal(files, _folder.Files);
    }

    [Fact]
    public void Prune_deletes_what_was_left_unfinished_days_ago()
    {
        Make("platform-20260301T010000Z.zip.partial", "platform-20260310T010000Z.zip.partial");
        File.SetLastWriteTimeUtc(_folder["platform-20260301T010000Z.zip.partial"], Now.UtcDateTime.AddDays(-9));
        File.SetLastWriteTimeUtc(_folder["platform-20260310T010000Z.zip.partial"], Now.UtcDateTime.AddMinutes(-5));

        BackupFiles.Prune(_folder.Path, "platform", keep: 1, TimeSpan.FromDays(1), Now);

        Assert.Equal(["platform-20260310T010000Z.zip.partial"], _folder.Files);
    }

    private void Make(params string[] names)
    {
        foreach (var name in names)
            File.WriteAllText(_folder[name], "");
    }
}
