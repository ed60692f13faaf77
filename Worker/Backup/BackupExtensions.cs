using Platform.Data.Placement;
using Platform.Jobs;

namespace Platform.Worker.Backup;

internal static class BackupExtensions
{
    /// <summary>The job that backs up the databases, and its schedule where there is a folder for them.</summary>
    public static void AddBackup(this IHostApplicationBuilder builder)
    {
        builder.AddBackupService();
        builder.Services.AddJobHandler<BackUpDatabases, BackupHandler>();
        var options = builder.ReadOptions<BackupOptions>(BackupOptions.Section);
        builder.AddPlatformSchedule("back up", string.IsNullOrWhiteSpace(options.Directory) ? "" : options.Schedule, new BackUpDatabases());
    }

    /// <summary>What makes backups, for the job and for the command.</summary>
    public static void AddBackupService(this IHostApplicationBuilder builder)
    {
        builder.Services.AddOptions<BackupOptions>().BindConfiguration(BackupOptions.Section).ValidateDataAnnotations().ValidateOnStart();
        builder.Services.AddOptions<ShardOptions>().BindConfiguration(ShardOptions.Section);
        builder.Services.AddSingleton(TimeProvider.System);
        builder.Services.AddSingleton<BackupService>();
    }
}
