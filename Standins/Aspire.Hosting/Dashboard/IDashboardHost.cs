using Aspire.Hosting.ApplicationModel;

namespace Aspire.Hosting.Dashboard;

/// <summary>Where services send their telemetry, and the key they need.</summary>
internal sealed record DashboardOtlpEndpoint(string Url, OtlpProtocol Protocol, string? ApiKey);

/// <summary>The dashboard and the resource service it reads from. Not registered when the dashboard is disabled.</summary>
internal interface IDashboardHost
{
    /// <summary>Known after <see cref="StartAsync"/>.</summary>
    DashboardOtlpEndpoint? Otlp { get; }

    /// <summary>
    /// Called once in run mode, after BeforeStartEvent and before instance names are given out and anything is created in the
    /// orchestrator: starts the resource service, adds the hidden <c>aspire-dashboard</c> executable to the model. Must be quick.
    /// </summary>
    Task StartAsync(DistributedApplicationModel model, CancellationToken cancellationToken);

    /// <summary>Called when the application stops.</summary>
    Task StopAsync(CancellationToken cancellationToken);
}
