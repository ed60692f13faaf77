namespace Platform.Worker.Backup;

/// <summary><c>Worker backup</c>: backs up every database and ends. For a scheduler outside, so that no service needs the role.</summary>
internal static class BackupCommand
{
    public static Task<int> RunAsync(string[] args) => PlatformCommand.RunAsync(
        "Backup", "The databases could not be backed up", args,
        async (services, _, _, stopping) =>
            await services.GetRequiredService<BackupService>().RunAsync((_, _) => ValueTask.CompletedTask, stopping),
        builder => builder.AddBackupService());
}
