using Platform.Embedded;

namespace Platform.Testing;

/// <summary>The Postgres server of this test process: started by whoever asks first, shared by all, ended with the process.</summary>
public static class PostgresServer
{
    private static readonly Lazy<Task<RunningPostgres>> Started =
        new(() => EmbeddedPostgres.StartAsync(new EmbeddedPostgresOptions { Ephemeral = true }));

    /// <summary>The running server.</summary>
    public static Task<RunningPostgres> GetAsync() => Started.Value;
}
