namespace Platform.Embedded;

/// <summary>Whether a server watches for the end of the process that started it.</summary>
internal enum Watch
{
    /// <summary>No: an orchestrator starts and stops it.</summary>
    None,

    /// <summary>Yes, by its standard input, which the system closes when that process ends.</summary>
    StandardInput,
}

/// <summary>The shell script between starter and server; see its head for what it does.</summary>
internal static class RunScript
{
    private const string Name = "run-server.sh";

    /// <summary>The command line that runs the server through the script, as the given user.</summary>
    public static async Task<IReadOnlyList<string>> WrapAsync(
        IReadOnlyList<string> command, string signal, string folder, Watch watch, bool ephemeral, ServerUser user,
        CancellationToken cancellationToken)
    {
        // Windows has no such shell; a job object takes its place there.
        if (OperatingSystem.IsWindows()) return command;

        var script = Path.Combine(folder, Name);
        await using (var resource = typeof(RunScript).Assembly.GetManifestResourceStream(Name)!)
        await using (var file = File.Create(script + ".new"))
        {
            await resource.CopyToAsync(file, cancellationToken);
        }
        // A shell reads its script as it goes: one that runs must keep the file it started with.
        File.Move(script + ".new", script, overwrite: true);
        await user.OwnAsync(folder, cancellationToken);
        // An orchestrator may start the same command again, so what it runs has to stay.
        var (watched, kept) = watch == Watch.StandardInput ? ("stdin", ephemeral ? "remove" : "keep") : ("none", "keep");
        return user.Wrap(["/bin/sh", script, signal, folder, watched, kept, .. command]);
    }
}
