using Platform.Embedded.Postgres;

namespace Platform.Embedded;

/// <summary>How to prepare and run Postgres.</summary>
public sealed record EmbeddedPostgresOptions : EmbeddedServerOptions
{
    /// <summary>Name of the superuser, fixed when the data folder is first initialised. Default: postgres.</summary>
    public string UserName { get; init; } = "postgres";

    /// <summary>Connections the server accepts at a time. Default: 200.</summary>
    public int MaxConnections { get; init; } = 200;

    /// <summary>Where Postgres may come from, in the order they are tried. Default: package, installed, container.</summary>
    public IReadOnlyList<PostgresSource> Sources { get; init; } =
        [PostgresSource.Package, PostgresSource.Installed, PostgresSource.Container];
}
