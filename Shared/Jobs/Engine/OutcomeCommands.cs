using Npgsql;
using NpgsqlTypes;
using Platform.Jobs.Internal;

namespace Platform.Jobs.Engine;

/// <summary>The statements that end runs, with their arrays.</summary>
internal static class OutcomeCommands
{
    public static NpgsqlBatchCommand Finish(int worker, JobOutcome[] outcomes) => Finish(JobSql.Finish, worker, outcomes);

    /// <summary>The same for members of batches, which are counted.</summary>
    public static NpgsqlBatchCommand FinishMembers(int worker, JobOutcome[] outcomes)
    {
        var command = Finish(JobSql.FinishBatch, worker, outcomes);
        command.Parameters.Add(new NpgsqlParameter<Guid[]> { TypedValue = Array.ConvertAll(outcomes, o => o.Job.Batch!.Value) });
        return command;
    }

    private static NpgsqlBatchCommand Finish(string sql, int worker, JobOutcome[] outcomes)
    {
        var command = Start(sql, worker, outcomes);
        command.Parameters.Add(Texts(outcomes, o => o.State));
        command.Parameters.Add(Texts(outcomes, o => o.Error));
        command.Parameters.Add(Texts(outcomes, o => o.Result));
        command.Parameters.Add(new NpgsqlParameter<bool[]> { TypedValue = Array.ConvertAll(outcomes, o => o.Job.BlocksLane) });
        command.Parameters.Add(new NpgsqlParameter<bool> { TypedValue = Array.Exists(outcomes, o => o.Job.Capped) });
        command.Parameters.Add(Texts(outcomes, o => o.Detail));
        return command;
    }

    public static NpgsqlBatchCommand PutBack(int worker, JobOutcome[] outcomes)
    {
        var command = Start(JobSql.PutBack, worker, outcomes);
        command.Parameters.Add(new NpgsqlParameter<double[]> { TypedValue = Array.ConvertAll(outcomes, o => o.Delay.TotalSeconds) });
        command.Parameters.Add(Texts(outcomes, o => o.Error));
        command.Parameters.Add(Texts(outcomes, o => o.Detail));
        return command;
    }

    /// <summary>Which of these ends are stored already.</summary>
    public static NpgsqlBatchCommand Ended(int worker, JobOutcome[] outcomes)
    {
        var command = Start(JobSql.Ended, worker, outcomes);
        command.Parameters.Add(new NpgsqlParameter<Guid[]> { TypedValue = Array.ConvertAll(outcomes, o => o.Job.Id) });
        return command;
    }

    private static NpgsqlBatchCommand Start(string sql, int worker, JobOutcome[] outcomes)
    {
        var command = new NpgsqlBatchCommand(sql);
        command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = worker });
        command.Parameters.Add(new NpgsqlParameter<long[]> { TypedValue = Array.ConvertAll(outcomes, o => o.Job.Seq) });
        command.Parameters.Add(new NpgsqlParameter<short[]> { TypedValue = Array.ConvertAll(outcomes, o => o.Job.Attempt) });
        return command;
    }

    private static NpgsqlParameter<string?[]> Texts(JobOutcome[] outcomes, Converter<JobOutcome, string?> pick) => new()
    {
        TypedValue = Array.ConvertAll(outcomes, pick),
        NpgsqlDbType = NpgsqlDbType.Array | NpgsqlDbType.Text,
    };
}
