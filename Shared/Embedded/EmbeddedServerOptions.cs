namespace Platform.Embedded;

/// <summary>What the two embedded servers have in common.</summary>
public abstract record EmbeddedServerOptions
{
    /// <summary>
    /// Folder of the server's data. Default: <c>.data/&lt;server&gt;</c> in the checkout where the server's user can reach it,
    /// else a folder per checkout under <c>/var/lib/platform</c>. Not used when <see cref="Ephemeral"/>.
    /// </summary>
    public string? DataFolder { get; init; }

    /// <summary>Discards the data kept from earlier runs. Default: false.</summary>
    public bool Fresh { get; init; }

    /// <summary>
    /// A server for tests: data in a temporary folder, and nothing is flushed to disk. A started server's folder is removed
    /// after it has ended; a prepared one's, which an orchestrator may restart, by a later run. Default: false.
    /// </summary>
    public bool Ephemeral { get; init; }

    /// <summary>
    /// Password of the server. Default: generated once and kept beside the data (mode 0600). A password other than the kept
    /// one is set before the server starts.
    /// </summary>
    public string? Password { get; init; }

    /// <summary>Port on the loopback addresses. Default: a free one. Used by <c>StartAsync</c> only.</summary>
    public int? Port { get; init; }

    /// <summary>How long a start may take until the server answers. Default: 30 seconds.</summary>
    public TimeSpan StartTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The folder to use; a new one if the server is ephemeral.</summary>
    internal string FolderOf(string server, bool forOtherUser)
        => Ephemeral ? Folders.Temporary(server, forOtherUser) : Path.GetFullPath(DataFolder ?? Folders.Data(server, forOtherUser));
}
