namespace Platform.Tenancy;

/// <summary>Identifies one tenant. A UUIDv7; never empty.</summary>
public readonly record struct TenantId
{
    /// <exception cref="ArgumentException"><paramref name="value"/> is the empty UUID.</exception>
    public TenantId(Guid value)
    {
        if (value == Guid.Empty)
            throw new ArgumentException("A tenant id can't be empty.", nameof(value));
        Value = value;
    }

    public Guid Value { get; }

    /// <summary>Reads the 36-character form; false for anything else and for the empty UUID.</summary>
    public static bool TryParse(string? text, out TenantId id)
    {
        // The parser alone would forgive blanks around it.
        var ok = Guid.TryParseExact(text, "D", out var value) && text!.Length == 36 && value != Guid.Empty;
        id = ok ? new TenantId(value) : default;
        return ok;
    }

    public override string ToString() => Value.ToString("D");
}
