using Npgsql;
using Platform.Jobs.Internal;

namespace Platform.Jobs.Engine;

/// <summary>
/// Which rules claims go by at present, so that nobody pays for those that aren't in use. Looked at again with a claim, at most once a
/// second.
/// </summary>
internal sealed class ClaimRules(TimeProvider time)
{
    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(1);
    private long? _lookedAt;

    /// <summary>Whether any tenant's weight isn't 1.</summary>
    public bool Weighed { get; private set; }

    public bool Stale => _lookedAt is not { } at || time.GetElapsedTime(at) >= Fresh;

    public static NpgsqlBatchCommand Look() => new(JobSql.ClaimRules);

    /// <summary>Takes over the answer, at whose row the reader is.</summary>
    /// <returns>True when the rules have changed.</returns>
    public bool Read(NpgsqlDataReader reader)
    {
        _lookedAt = time.GetTimestamp();
        var weighed = reader.GetBoolean(0);
        if (weighed == Weighed)
            return false;
        Weighed = weighed;
        return true;
    }
}
