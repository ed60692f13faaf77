namespace Platform.Api.Features.Connections;

/// <summary>How one of the tenant's connections with other systems is doing.</summary>
/// <param name="Kind"><c>source</c>, which calls, or <c>endpoint</c>, which is called.</param>
/// <param name="Name">The source's name; the endpoint's description or, without one, its address.</param>
/// <param name="State">
/// <c>disabled</c>; <c>failing</c>: a source's calls of the last 24 hours, or an endpoint's last delivery, failed; <c>idle</c>: none for
/// 24 hours; else <c>healthy</c>.
/// </param>
/// <param name="LastCallAt">When the source called last; when the last delivery to the endpoint was asked for.</param>
/// <param name="LastSuccessAt">Endpoints: when a delivery arrived last.</param>
/// <param name="FailedCalls">Sources: calls of the last 24 hours that couldn't be processed; not counted beyond 1,000.</param>
/// <param name="WaitingCalls">Sources: calls of the last 24 hours still to be processed; not counted beyond 1,000.</param>
/// <param name="FailureCount">Endpoints: failed deliveries in a row.</param>
/// <param name="DisabledReason">Endpoints: why they were disabled, unless somebody did it.</param>
internal sealed record ConnectionHealthResponse(
    Guid Id, string Kind, string Name, string State, DateTimeOffset? LastCallAt, DateTimeOffset? LastSuccessAt, long? FailedCalls,
    long? WaitingCalls, int? FailureCount, DateTimeOffset? DisabledAt, string? DisabledReason, DateTimeOffset CreatedAt);
