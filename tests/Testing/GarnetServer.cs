using Platform.Embedded;

namespace Platform.Testing;

/// <summary>
/// The Garnet server of this test process: started by whoever asks first, shared by all, ended with the process. Tests that
/// would see each other's keys take a prefix of their own.
/// </summary>
public static class GarnetServer
{
    private static readonly Lazy<Task<RunningGarnet>> Started =
        new(() => EmbeddedGarnet.StartAsync(new EmbeddedGarnetOptions { Ephemeral = true }));

    /// <summary>The running server.</summary>
    public static Task<RunningGarnet> GetAsync() => Started.Value;
}
