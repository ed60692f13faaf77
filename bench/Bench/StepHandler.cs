using Npgsql;
using Platform.Jobs;

namespace Platform.Bench;

/// <summary>
/// Does the step's effect, once however often it runs: the mark and what it counts are one statement. Fails now and then, before or
/// after it, and tells when two steps of a lane run at once.
/// </summary>
internal sealed class StepHandler(NpgsqlDataSource dataSource, LaneLocks locks) : IJobHandler<Step>
{
    private const string Effect = """
        WITH first AS (
            INSERT INTO steps (lane, number) VALUES ($1, $2) ON CONFLICT (lane, number) DO NOTHING RETURNING lane
        )
        UPDATE accounts a SET balance = a.balance + 1 FROM first WHERE a.lane = first.lane
        """;

    public async Task<object?> RunAsync(Step payload, JobContext context, CancellationToken cancellationToken)
    {
        using var entered = payload.Lane < 0 ? null : locks.TryEnter(payload.Lane);
        if (entered is null && payload.Lane >= 0)
            throw new InvalidOperationException("Another step of the lane runs.");
        FailByChance("before");
        await using (var command = dataSource.CreateCommand(Effect))
        {
            command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = payload.Lane });
            command.Parameters.Add(new NpgsqlParameter<int> { TypedValue = payload.Number });
            await command.ExecuteNonQueryAsync(cancellationToken);
        }

        FailByChance("after");
        return null;
    }

    private static void FailByChance(string when)
    {
#pragma warning disable CA5394 // Chance, not a secret.
        if (Random.Shared.Next(20) == 0)
            throw new InvalidOperationException($"A failure by chance, {when} the step.");
#pragma warning restore CA5394
    }
}
