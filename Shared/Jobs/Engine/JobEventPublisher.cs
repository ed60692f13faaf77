using System.Threading.Channels;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Platform.Jobs.Engine;

/// <summary>Hands events to the host's <see cref="IJobEvents"/>, one after the other, apart from the jobs' own path.</summary>
internal sealed class JobEventPublisher(IServiceProvider services, ILogger<JobEventPublisher> logger)
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(2);
    private readonly IJobEvents? _events = services.GetService<IJobEvents>();
    private readonly Channel<JobEvent> _channel = Channel.CreateBounded<JobEvent>(
        new BoundedChannelOptions(10_000) { FullMode = BoundedChannelFullMode.DropOldest, SingleReader = true });

    public bool Enabled => _events is not null;

    public void Publish(JobEvent jobEvent)
    {
        if (Enabled)
            _channel.Writer.TryWrite(jobEvent);
    }

    /// <summary>Runs until <see cref="Complete"/>, then to the last event.</summary>
    public async Task RunAsync()
    {
        await foreach (var jobEvent in _channel.Reader.ReadAllAsync())
        {
            try
            {
                using var timeout = new CancellationTokenSource(Timeout);
                await _events!.PublishAsync(jobEvent, timeout.Token);
            }
            catch (Exception e)
            {
                logger.EventLost(e, jobEvent.JobId);
            }
        }
    }

    public void Complete() => _channel.Writer.TryComplete();
}
