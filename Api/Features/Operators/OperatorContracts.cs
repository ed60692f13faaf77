namespace Platform.Api.Features.Operators;

/// <param name="Suspended">Since when; null when it isn't.</param>
internal sealed record OperatedTenant(
    Guid Id, string Slug, string Name, string Plan, DateTimeOffset? Suspended, DateTimeOffset CreatedAt, long Members);

/// <param name="Plan"><c>free</c>, <c>pro</c> or <c>enterprise</c>.</param>
internal sealed record PlanInput(string? Plan);
