using Npgsql;
using Platform.Jobs.Internal;

namespace Platform.Jobs.Engine;

/// <summary>
/// Which rules claims go by at present, so that nobody pays for those that aren't in use. Looked at again with a claim, once a second
/// at most unless somebody told of a change.
/// </summary>
internal sealed class ClaimRules(TimeProvider time)
{
    /// <summary>Where changes are told; the payload is a queue's name.</summary>
    public const string Channel = "jobs_rules";

    private static readonly TimeSpan Fresh = TimeSpan.FromSeconds(1);
    private long? _lookedAt;
    private volatile bool _changed;

    /// <summary>Whether any tenant's weight isn't 1.</summary>
    public bool Weighed { get; private set; }

    /// <summary>Queues with a rate limit, in order.</summary>
    public IReadOnlyList<string> Limited { get; private set; } = [];

    /// <summary>Has the next claim look.</summary>
    public void Changed() => _changed = true;

    /// <returns>The question for a claim to ask along; null when it isn't time.</returns>
    public NpgsqlBatchCommand? Look()
    {
        if (!_changed && _lookedAt is { } at && time.GetElapsedTime(at) < Fresh)
            return null;
        _changed = false;
        return new NpgsqlBatchCommand(JobSql.ClaimRules);
    }

    /// <summary>Takes over the answer, at whose row the reader is.</summary>
    /// <returns>True when the rules have changed.</returns>
    public bool Read(NpgsqlDataReader reader)
    {
        _lookedAt = time.GetTimestamp();
        var weighed = reader.GetBoolean(0);
        var limited = reader.GetFieldValue<string[]>(1);
        Array.Sort(limited, StringComparer.Ordinal);
        if (weighed == Weighed && limited.SequenceEqual(Limited, StringComparer.Ordinal))
            return false;
        (Weighed, Limited) = (weighed, limited);
        return true;
    }
}
