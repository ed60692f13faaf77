namespace Platform.Embedded;

/// <summary>A server that is fetched and initialised, and the command line that runs it in the foreground.</summary>
public sealed record PreparedServer
{
    /// <summary>
    /// Stands in <see cref="Arguments"/> where the port belongs: as an argument of its own, except for a container on Windows,
    /// where it is part of one.
    /// </summary>
    public const string PortPlaceholder = "{port}";

    /// <summary>Which server this is, for people: "PostgreSQL 18.4 from its npm package".</summary>
    public required string Description { get; init; }

    /// <summary>Full path of the executable.</summary>
    public required string Command { get; init; }

    /// <summary>Arguments, with <see cref="PortPlaceholder"/> for the port.</summary>
    public required IReadOnlyList<string> Arguments { get; init; }

    /// <summary>Folder to start the command in.</summary>
    public required string WorkingDirectory { get; init; }

    /// <summary>Environment variables to set on top of the inherited ones.</summary>
    public required IReadOnlyDictionary<string, string> Environment { get; init; }

    /// <summary>Folder that holds everything the server writes.</summary>
    public required string DataFolder { get; init; }

    /// <summary>Administrator's name; null where the server knows no users.</summary>
    public string? UserName { get; init; }

    /// <summary>Password clients give.</summary>
    public required string Password { get; init; }

    /// <summary>The arguments with the port, or any expression that stands for it, put in.</summary>
    public IReadOnlyList<string> ArgumentsFor(string port)
        => [.. Arguments.Select(argument => argument.Replace(PortPlaceholder, port, StringComparison.Ordinal))];
}
