using System.Diagnostics.Metrics;

namespace Platform.Api.Features.Webhooks;

/// <summary>Figures of the intake; the tenant is never a label.</summary>
internal static class WebhookTelemetry
{
    private static readonly Meter Meter = new("Platform.Webhooks");

    private static readonly Counter<long> Calls = Meter.CreateCounter<long>(
        "webhook_calls_total", description: "Calls of other systems, by provider and outcome (taken, repeated, refused, limited).");

    public static void Count(string provider, string outcome) => Calls.Add(1, new("provider", provider), new("outcome", outcome));
}
