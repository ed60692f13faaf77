using Platform.Tenancy;

namespace Platform.Worker.Events;

/// <summary>
/// Sets right a feature's rows whose job has ended with no handler there to say so: cancelled while it waited, or dead with its worker.
/// </summary>
internal interface IJobFollower
{
    /// <summary>The type of the jobs.</summary>
    string JobType { get; }

    /// <summary>Sets right all such rows of a tenant; called again, it changes nothing.</summary>
    Task FollowAsync(TenantId tenant, CancellationToken cancellationToken);
}
