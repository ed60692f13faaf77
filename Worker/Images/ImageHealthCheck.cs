using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Platform.Worker.Images;

/// <summary>A Worker without libvips does everything else: it is degraded, and no less ready.</summary>
internal sealed class ImageHealthCheck(IImageOptimizer optimizer) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default) =>
        await optimizer.CheckAsync(cancellationToken) is { } reason
            ? HealthCheckResult.Degraded($"Pictures can't be optimised: {reason}")
            : HealthCheckResult.Healthy();
}
