namespace Platform.Worker.Events;

/// <summary>What SQL asks about the job that a feature's row waits for. Indexes: job_pkey, pending_pkey, finished_pkey.</summary>
internal static class FollowedJob
{
    /// <summary>Whether it has ended, or was never there.</summary>
    /// <param name="id">A column: <c>d.job_id</c>.</param>
    public static string IsOver(string id) => $"NOT EXISTS (SELECT FROM jobs.job j JOIN jobs.pending p ON p.seq = j.seq WHERE j.id = {id})";

    /// <summary>Whether it failed for the last time.</summary>
    /// <param name="id">A column: <c>d.job_id</c>.</param>
    public static string IsDead(string id) => $"EXISTS (SELECT FROM jobs.finished f WHERE f.id = {id} AND f.state = 'dead')";
}
