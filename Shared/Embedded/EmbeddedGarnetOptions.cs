namespace Platform.Embedded;

/// <summary>How to prepare and run Garnet, which speaks the Redis protocol. It keeps everything in memory: a restart empties it.</summary>
public sealed record EmbeddedGarnetOptions : EmbeddedServerOptions
{
    /// <summary>Memory for records, with a unit as Garnet writes it; when it is full, the oldest are dropped. Default: 256m.</summary>
    public string Memory { get; init; } = "256m";
}
