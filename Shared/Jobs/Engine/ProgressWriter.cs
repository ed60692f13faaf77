using Npgsql;
using Platform.Jobs.Internal;

namespace Platform.Jobs.Engine;

/// <summary>Stores and publishes a running job's progress; finds out on the way when the job was taken over.</summary>
internal sealed class ProgressWriter(JobDatabase database, JobEventPublisher events)
{
    public async ValueTask WriteAsync(RunningJob run, JobProgress progress, CancellationToken cancellationToken)
    {
        var job = run.Job;
        await using var command = database.Claims.CreateCommand(JobSql.Progress);
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = job.Worker });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = job.Seq });
        command.Parameters.Add(new NpgsqlParameter<short> { TypedValue = job.Attempt });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = progress.Done });
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = progress.Total });
        if (await command.ExecuteNonQueryAsync(cancellationToken) == 0)
        {
            run.Stop(StopReason.LeaseLost);
            return;
        }

        run.TryTell();
        events.Publish(new JobEvent(job.Tenant, job.Id, job.Type, job.Queue, JobStates.Running, progress, run.TraceParent));
    }
}
