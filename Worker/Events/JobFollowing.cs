using System.Threading.Channels;
using Npgsql;
using Platform.Jobs;
using Platform.Tenancy;

namespace Platform.Worker.Events;

/// <summary>
/// Lets rows follow their jobs (<see cref="IJobFollower"/>) when it hears of one that ended. A thousand cancelled at once are one call for each
/// tenant. What it doesn't hear of, the clean-up finds.
/// </summary>
internal sealed partial class JobFollowing(IEnumerable<IJobFollower> followers, ILogger<JobFollowing> logger) : BackgroundService
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    private readonly Dictionary<string, IJobFollower> _followers = followers.ToDictionary(follower => follower.JobType, StringComparer.Ordinal);
    private readonly Channel<(TenantId Tenant, string Type)> _ended = Channel.CreateBounded<(TenantId, string)>(
        new BoundedChannelOptions(10_000) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true });

    public void Note(JobEvent jobEvent)
    {
        if (jobEvent.State is JobStates.Cancelled or JobStates.Dead && _followers.ContainsKey(jobEvent.Type))
            _ended.Writer.TryWrite((jobEvent.Tenant, jobEvent.Type));
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (await _ended.Reader.WaitToReadAsync(stoppingToken))
        {
            await Task.Delay(Pause, stoppingToken); // More of the same are on their way.
            var ended = new HashSet<(TenantId, string)>();
            while (_ended.Reader.TryRead(out var one))
                ended.Add(one);
            foreach (var (tenant, type) in ended)
                await FollowAsync(tenant, _followers[type], stoppingToken);
        }
    }

    private async Task FollowAsync(TenantId tenant, IJobFollower follower, CancellationToken cancellationToken)
    {
        try
        {
            await follower.FollowAsync(tenant, cancellationToken);
        }
        catch (NpgsqlException e)
        {
            LogFailed(e, follower.JobType, tenant.Value);
        }
    }

    [LoggerMessage(6603, LogLevel.Warning, "What jobs of type {JobType} left behind in tenant {Tenant} isn't set right yet; the clean-up will do it")]
    private partial void LogFailed(Exception exception, string jobType, Guid tenant);
}
