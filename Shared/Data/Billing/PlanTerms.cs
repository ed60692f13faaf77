namespace Platform.Data.Billing;

/// <summary>What a plan includes; the same for every tenant, changed by migrations; a row of <c>plans</c>.</summary>
public sealed class PlanTerms
{
    public required string Name { get; init; }

    public required string Title { get; init; }

    /// <summary>1 for the smallest plan.</summary>
    public short Rank { get; init; }

    /// <summary>Members; null is no limit.</summary>
    public int? Seats { get; init; }

    /// <summary>Null is no limit.</summary>
    public int? Contacts { get; init; }

    /// <summary>Messages sent in a calendar month, UTC; null is no limit.</summary>
    public int? MonthlyMessages { get; init; }

    public int RequestsPerMinute { get; init; }

    public string[] Features { get; init; } = [];

    /// <summary>A seat and month.</summary>
    public long PriceCents { get; init; }

    /// <summary>ISO 4217.</summary>
    public required string Currency { get; init; }
}
