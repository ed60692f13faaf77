using System.ComponentModel.DataAnnotations;

namespace Platform.Data.Replicas;

/// <summary>Reading from replicas; of no effect without connection string <c>platform-replica</c>.</summary>
public sealed class ReplicaOptions
{
    public const string Section = "Replica";

    /// <summary>How long a reader waits for the replica to replay its tenant's last write. Default 50 ms, at most 1 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:00:01")]
    public TimeSpan MaxWait { get; set; } = TimeSpan.FromMilliseconds(50);

    /// <summary>How long a replica that failed isn't tried again. Default 2 s.</summary>
    [Range(typeof(TimeSpan), "00:00:00", "00:10:00")]
    public TimeSpan Pause { get; set; } = TimeSpan.FromSeconds(2);

    /// <summary>Longest wait for Redis, which knows each tenant's last write; then the primary is read. Default 100 ms.</summary>
    [Range(typeof(TimeSpan), "00:00:00.001", "00:00:10")]
    public TimeSpan RedisTimeout { get; set; } = TimeSpan.FromMilliseconds(100);
}
