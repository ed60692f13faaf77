using Npgsql;
using Platform.Jobs.Internal;
using Platform.Tenancy;

namespace Platform.Jobs.Engine;

/// <summary>The statements of a claim's round trip, and how their rows are read.</summary>
internal static class ClaimCommands
{
    /// <summary>More than so many waiting jobs are chosen from.</summary>
    private const int MostFew = 32;

    public static NpgsqlBatchCommand LockWorker(int worker)
    {
        var command = new NpgsqlBatchCommand(JobSql.LockWorker);
        command.Parameters.Add(new NpgsqlParameter<long> { TypedValue = worker });
        return command;
    }

    /// <summary>Takes what waits when it is little.</summary>
    public static NpgsqlBatchCommand Few(int worker, (QueueRunner Queue, int Places)[] free, (QueueRunner Queue, int Places)[] alone)
    {
        var command = new NpgsqlBatchCommand(JobSql.ClaimFew);
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = worker });
        command.Parameters.Add(Names(free));
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = free.Select(w => w.Places).Append(MostFew).Min() });
        command.Parameters.Add(Names(alone));
        return command;
    }

    /// <summary>Chooses whose turn it is. The last of these results, if any queue has a limit, is when it permits the next job.</summary>
    public static void AddChoices(
        NpgsqlBatch batch, int worker, (QueueRunner Queue, int Places)[] free, (QueueRunner Queue, int Places)[] alone, ClaimRules rules,
        ClaimHorizon horizon)
    {
        var even = rules.Weighed ? JobSql.ClaimWeighed : JobSql.Claim;
        if (free.Length > 0)
            batch.BatchCommands.Add(Choose(worker, free, even, horizon));
        if (alone.Length == 0)
            return;
        var limited = Array.FindAll(alone, w => w.Queue.Limited);
        batch.BatchCommands.Add(new NpgsqlBatchCommand(JobSql.LockClaims));
        batch.BatchCommands.Add(Choose(worker, alone, limited.Length > 0 ? JobSql.ClaimLimited : even, horizon));
        if (limited.Length > 0)
            batch.BatchCommands.Add(new NpgsqlBatchCommand(JobSql.NextPermit) { Parameters = { Names(limited) } });
    }

    public static NpgsqlBatchCommand Horizon(IReadOnlyList<(QueueRunner Queue, int Places)> wanted, ClaimHorizon horizon)
    {
        var command = new NpgsqlBatchCommand(JobSql.ClaimHorizon);
        command.Parameters.Add(Names(wanted));
        command.Parameters.Add(new NpgsqlParameter<long?[]> { TypedValue = [.. wanted.Select(w => horizon.Last(w.Queue.Queue))] });
        return command;
    }

    public static ClaimedJob Read(NpgsqlDataReader reader, int worker, QueueRunners queues, out DateTime startedAt)
    {
        startedAt = reader.GetDateTime(7);
        var queue = reader.GetString(3);
        return new(
            reader.GetInt64(0),
            reader.GetGuid(1),
            new TenantId(reader.GetGuid(2)),
            queue,
            reader.GetInt16(4),
            reader.IsDBNull(5) ? null : reader.GetString(5),
            reader.GetDouble(6),
            reader.GetString(8),
            reader.GetInt16(9),
            reader.GetInt32(10),
            reader.GetBoolean(11),
            reader.IsDBNull(12) ? null : reader.GetString(12),
            reader.GetFieldValue<byte[]>(13),
            queues[queue].TenantConcurrency > 0,
            worker,
            reader.IsDBNull(14) ? null : reader.GetGuid(14),
            reader.IsDBNull(15) ? null : reader.GetInt32(15));
    }

    /// <summary>Whether a row of <see cref="Few"/> says that there were too many.</summary>
    public static bool ReadMore(NpgsqlDataReader reader) => reader.GetBoolean(16);

    private static NpgsqlBatchCommand Choose(int worker, (QueueRunner Queue, int Places)[] wanted, string sql, ClaimHorizon horizon)
    {
        var command = new NpgsqlBatchCommand(sql);
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = worker });
        command.Parameters.Add(Names(wanted));
        command.Parameters.Add(new NpgsqlParameter<int[]> { TypedValue = Array.ConvertAll(wanted, w => w.Places) });
        command.Parameters.Add(new NpgsqlParameter<Guid[]> { TypedValue = Array.ConvertAll(wanted, w => w.Queue.Turns.After) });
        command.Parameters.Add(new NpgsqlParameter<int[]> { TypedValue = Array.ConvertAll(wanted, w => w.Queue.TenantConcurrency) });
        command.Parameters.Add(new NpgsqlParameter<Guid[]> { TypedValue = Array.ConvertAll(wanted, w => w.Queue.Turns.Tenant) });
        command.Parameters.Add(new NpgsqlParameter<int[]> { TypedValue = Array.ConvertAll(wanted, w => w.Queue.Turns.Rest) });
        command.Parameters.Add(new NpgsqlParameter<long[]> { TypedValue = Array.ConvertAll(wanted, w => horizon.Since(w.Queue.Queue)) });
        return command;
    }

    private static NpgsqlParameter<string[]> Names(IReadOnlyList<(QueueRunner Queue, int Places)> wanted) =>
        new() { TypedValue = [.. wanted.Select(w => w.Queue.Queue)] };
}
