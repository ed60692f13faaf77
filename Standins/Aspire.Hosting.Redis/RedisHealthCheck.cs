using System.Net.Sockets;
using System.Text;
using Aspire.Hosting.ApplicationModel;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Aspire.Hosting.Redis;

/// <summary>
/// Healthy when the server answers PING. Two commands over a socket of its own: no client library keeps connections, retries and
/// threads for a server that isn't there yet.
/// </summary>
internal sealed class RedisHealthCheck(RedisResource redis) : IHealthCheck
{
    private static readonly TimeSpan Timeout = TimeSpan.FromSeconds(5);

    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        if (redis.TlsEnabled)
            return HealthCheckResult.Healthy("Not looked at: it speaks TLS.");

        using var timeout = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        timeout.CancelAfter(Timeout);
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(redis.PrimaryEndpoint.Host, redis.PrimaryEndpoint.Port, timeout.Token);
            using var stream = client.GetStream();
            using var reader = new StreamReader(stream, Encoding.UTF8, leaveOpen: true);
            if (redis.PasswordParameter is { } password && await AskAsync("AUTH", password.Value) is not "+OK")
                return HealthCheckResult.Unhealthy("The password was refused.");
            return await AskAsync("PING") is "+PONG" ? HealthCheckResult.Healthy() : HealthCheckResult.Unhealthy("PING got no PONG.");

            async Task<string?> AskAsync(params string[] words)
            {
                var command = new StringBuilder($"*{words.Length}\r\n");
                foreach (var word in words)
                    command.Append(System.Globalization.CultureInfo.InvariantCulture, $"${Encoding.UTF8.GetByteCount(word)}\r\n{word}\r\n");
                await stream.WriteAsync(Encoding.UTF8.GetBytes(command.ToString()), timeout.Token);
                return await reader.ReadLineAsync(timeout.Token);
            }
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            return HealthCheckResult.Unhealthy(exception.Message, exception);
        }
    }
}
