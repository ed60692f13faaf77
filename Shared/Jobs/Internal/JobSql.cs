using System.Reflection;

namespace Platform.Jobs.Internal;

/// <summary>The statements in <c>Sql/*.sql</c>, read once.</summary>
internal static class JobSql
{
    public static readonly string Enqueue = Read("enqueue");
    public static readonly string EnqueueAlone = Read("enqueue_alone");
    public static readonly string EnqueueKeyed = Read("enqueue_keyed");
    public static readonly string UniqueHolder = Read("unique_holder");
    public static readonly string EnqueueMany = Read("enqueue_many");
    public static readonly string LockLane = Read("lock_lane");
    public static readonly string Status = Read("status");
    public static readonly string Cancel = Read("cancel");

    public static readonly string Claim = ReadClaim("claim_even", limited: false);
    public static readonly string ClaimWeighed = ReadClaim("claim_weighed", limited: false);
    public static readonly string ClaimLimited = ReadClaim("claim_weighed", limited: true);
    public static readonly string ClaimFew = Read("claim_few");
    public static readonly string ClaimRules = Read("claim_rules");
    public static readonly string ClaimHorizon = Read("claim_horizon");
    public static readonly string NextPermit = Read("next_permit");
    public static readonly string LockClaims = Read("lock_claims");
    public static readonly string LockWorker = Read("lock_worker");
    public static readonly string PutBackUnread = Read("put_back_unread");
    public static readonly string PromoteDue = Read("promote_due");
    public static readonly string Finish = Read("finish");
    public static readonly string PutBack = Read("put_back");
    public static readonly string Ended = Read("ended");
    public static readonly string TryLockLanes = Read("try_lock_lanes");
    public static readonly string PromoteLanes = Read("promote_lanes");
    public static readonly string StuckLanes = Read("stuck_lanes");
    public static readonly string Register = Read("register");
    public static readonly string Unregister = Read("unregister");
    public static readonly string Heartbeat = Read("heartbeat");
    public static readonly string Cancellations = Read("cancellations");
    public static readonly string CancelWaiting = Read("cancel_waiting");
    public static readonly string LostWorkers = Read("lost_workers");
    public static readonly string LockLostWorkers = Read("lock_lost_workers");
    public static readonly string Rescue = Read("rescue");
    public static readonly string ForgetWorkers = Read("forget_workers");
    public static readonly string Lead = Read("lead");
    public static readonly string StopLeading = Read("stop_leading");
    public static readonly string Progress = Read("progress");
    public static readonly string Prune = Read("prune");

    public static readonly string LockLaneOf = Read("lock_lane_of");
    public static readonly string Retry = Read("retry");
    public static readonly string Discard = Read("discard");
    public static readonly string DeadJobs = Read("dead_jobs");
    public static readonly string Pause = Read("pause");
    public static readonly string PauseTenant = Read("pause_tenant");
    public static readonly string ResumeTenant = Read("resume_tenant");
    public static readonly string Edit = Read("edit");

    public static readonly string Detail = Read("detail");
    public static readonly string Timeline = Read("timeline");
    public static readonly string QueueFigures = Read("queue_figures");
    public static readonly string QueueLimits = Read("queue_limits");

    public static readonly string OpenBatch = Read("open_batch");
    public static readonly string EnqueueBatch = Read("enqueue_batch");
    public static readonly string FinishBatch = Read("finish_batch");
    public static readonly string CancelBatch = Read("cancel_batch");
    public static readonly string Batch = Read("batch");
    public static readonly string BatchOf = Read("batch_of");

    internal static string Read(string name)
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream($"Sql/{name}.sql")
            ?? throw new InvalidOperationException($"The statement Sql/{name}.sql is not embedded.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }

    /// <summary>The statement with its shares, and without the lines of the other kind of queue.</summary>
    private static string ReadClaim(string shares, bool limited) => string.Join('\n', Read("claim")
        .Replace("-- {shares}:", Read(shares) + "--", StringComparison.Ordinal)
        .Split('\n').Where(line => !line.EndsWith(limited ? "--unlimited" : "--limited", StringComparison.Ordinal)));
}
