namespace Platform.Embedded;

/// <summary>How to prepare and run Garnet, which speaks the Redis protocol.</summary>
public sealed record EmbeddedGarnetOptions : EmbeddedServerOptions
{
    /// <summary>Most memory the records may take, a power of two with a unit as Garnet writes it. Default: 256m.</summary>
    public string Memory { get; init; } = "256m";
}
