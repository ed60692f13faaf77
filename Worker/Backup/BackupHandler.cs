using Platform.Jobs;

namespace Platform.Worker.Backup;

/// <summary>Backs up every database. Each attempt makes new files; what a broken one left is removed.</summary>
internal sealed class BackupHandler(BackupService backups) : IJobHandler<BackUpDatabases>
{
    public async Task<object?> RunAsync(BackUpDatabases payload, JobContext context, CancellationToken cancellationToken)
    {
        try
        {
            var results = await backups.RunAsync((done, total) => context.ReportProgressAsync(done, total, cancellationToken), cancellationToken);
            return new { backups = results };
        }
        catch (BackupException exception) when (!backups.IsConfigured || context.IsLastAttempt)
        {
            throw new PermanentJobException(exception.Message, exception);
        }
    }
}
