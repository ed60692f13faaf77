namespace Platform.Embedded;

/// <summary>
/// The user a server runs as. Postgres refuses to run as root; then it is an unprivileged user of this machine, and every
/// command of the server goes through a tool that changes to that user.
/// </summary>
internal sealed class ServerUser
{
    private static readonly string[] Candidates = ["postgres", "nobody"];
    private static ServerUser? _unprivileged;
    private readonly IReadOnlyList<string> _prefix;

    private ServerUser(string? name, IReadOnlyList<string> prefix)
    {
        Name = name;
        _prefix = prefix;
    }

    /// <summary>The same user as this process.</summary>
    public static ServerUser Current { get; } = new(null, []);

    /// <summary>Name of the other user, or null if it is the same as this process's.</summary>
    public string? Name { get; }

    /// <summary>Whether the server runs as another user than this process.</summary>
    public bool IsOther => Name is not null;

    /// <summary>The command, run as this user.</summary>
    public IReadOnlyList<string> Wrap(IEnumerable<string> command) => [.. _prefix, .. command];

    /// <summary>The current user, or, if that is root, an unprivileged one.</summary>
    public static async Task<ServerUser> UnprivilegedAsync(CancellationToken cancellationToken)
    {
        if (OperatingSystem.IsWindows() || !Environment.IsPrivilegedProcess) return Current;
        return _unprivileged ??= await FindAsync(cancellationToken);
    }

    private static async Task<ServerUser> FindAsync(CancellationToken cancellationToken)
    {
        var tried = new List<string>();
        foreach (var (name, group) in Accounts())
        {
            // setpriv and runuser replace themselves by the command or forward signals; su does in most versions.
            IReadOnlyList<string>[] ways =
            [
                ["setpriv", $"--reuid={name}", $"--regid={group}", "--clear-groups", "--"],
                ["runuser", "-u", name, "--"],
                ["su", "-s", "/bin/sh", name, "-c", "exec \"$0\" \"$@\"", "--"],
                ["sudo", "-n", "-u", name, "--"],
            ];
            foreach (var way in ways)
            {
                if (Tool.Find(way[0]) is not { } path) continue;
                var user = new ServerUser(name, [path, .. way.Skip(1)]);
                var result = await Tool.RunAsync(user.Wrap(["/bin/sh", "-c", "id -u"]), "/", TimeSpan.FromSeconds(10), cancellationToken);
                if (result is { ExitCode: 0 } && result.Output.Trim() != "0") return user;
                tried.Add($"{way[0]} {name}: {result?.Tail}");
            }
        }
        throw new EmbeddedServerException(
            "Postgres refuses to run as root, and no unprivileged user could be used instead. Run as an ordinary user, or install "
            + "util-linux (setpriv) and have a user 'postgres' or 'nobody'. "
            + (tried.Count == 0 ? "Found no such user or tool." : $"Tried: {string.Join("; ", tried)}"));
    }

    /// <summary>Gives the folder and all in it to this user.</summary>
    public async Task OwnAsync(string folder, CancellationToken cancellationToken)
    {
        if (Name is null) return;
        var result = await Tool.RunAsync(["chown", "-R", Name, folder], "/", TimeSpan.FromSeconds(30), cancellationToken);
        if (result is { ExitCode: 0 }) return;
        throw new EmbeddedServerException($"Can't give {folder} to user {Name}: {result?.Tail ?? "no chown"}");
    }

    private static IEnumerable<(string Name, string Group)> Accounts()
    {
        var lines = File.Exists("/etc/passwd") ? File.ReadAllLines("/etc/passwd") : [];
        var accounts = lines.Select(line => line.Split(':')).Where(parts => parts.Length > 3).ToList();
        foreach (var candidate in Candidates)
        {
            var account = accounts.Find(parts => parts[0] == candidate && parts[2] != "0");
            if (account is not null) yield return (candidate, account[3]);
        }
    }
}
