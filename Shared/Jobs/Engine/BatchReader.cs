using Npgsql;
using Platform.Jobs.Internal;

namespace Platform.Jobs.Engine;

/// <summary>Reads for a running job the batch it completes.</summary>
internal sealed class BatchReader(JobDatabase database)
{
    public async ValueTask<JobBatch?> ReadAsync(ClaimedJob job, CancellationToken cancellationToken)
    {
        await using var command = database.Claims.CreateCommand(JobSql.BatchOf);
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = job.Tenant.Value });
        command.Parameters.Add(new NpgsqlParameter<Guid> { TypedValue = job.Id });
        await using var reader = await command.ExecuteReaderAsync(cancellationToken);
        return await reader.ReadAsync(cancellationToken) ? JobSearch.ReadBatch(reader) : null;
    }
}
