using Microsoft.Extensions.Hosting;
using StackExchange.Redis;

namespace Aspire.StackExchange.Redis;

/// <summary>Begins to connect when the host starts, so that the first request doesn't wait for it; never holds the start up.</summary>
internal sealed class RedisActivation(Func<IConnectionMultiplexer> connect) : IHostedService
{
    public Task StartAsync(CancellationToken cancellationToken)
    {
        _ = Task.Run(
            () =>
            {
                try
                {
                    connect();
                }
                catch (Exception)
                {
                    // The same error meets the first caller, and the health check, which report it.
                }
            },
            CancellationToken.None);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
}
