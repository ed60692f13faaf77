using System.Diagnostics;
using System.Globalization;

namespace Platform.Embedded.Postgres;

/// <summary>A data folder: initialised once, its settings written anew at every start.</summary>
internal sealed class PostgresCluster(string folder, PostgresBinaries binaries, ServerUser user, EmbeddedPostgresOptions options)
{
    private const long NeededBytes = 200L << 20;
    private static readonly TimeSpan InitTimeout = TimeSpan.FromMinutes(2);

    public string Data => Path.Combine(folder, "data");

    /// <summary>Beside the folder, not in it: the folder belongs to the server's user.</summary>
    private string PasswordFile => folder.TrimEnd(Path.DirectorySeparatorChar) + ".password";

    /// <summary>Initialises the data folder if there is none, and brings password and settings up to date. Returns the password.</summary>
    public async Task<string> PrepareAsync(IProgress<string>? progress, CancellationToken cancellationToken)
    {
        if (options.Fresh) Discard();
        RemoveStaleLock();
        var kept = options.Ephemeral ? null : Secrets.Read(PasswordFile);
        var password = options.Password ?? kept ?? Secrets.Generate();

        var versionFile = Path.Combine(Data, "PG_VERSION");
        if (!File.Exists(versionFile))
        {
            await InitialiseAsync(password, progress, cancellationToken);
            kept = password;
        }
        else
        {
            RequireVersion((await File.ReadAllTextAsync(versionFile, cancellationToken)).Trim());
        }

        var settings = Path.Combine(Data, PostgresSettings.FileName);
        await File.WriteAllTextAsync(settings, PostgresSettings.Write(options, binaries), cancellationToken);
        await user.OwnAsync(Data, cancellationToken);
        if (kept != password) await ChangePasswordAsync(password, progress, cancellationToken);
        if (!options.Ephemeral) Secrets.Write(PasswordFile, password);
        return password;
    }

    private void RequireVersion(string version)
    {
        if (version == binaries.Major.ToString(CultureInfo.InvariantCulture)) return;
        throw new EmbeddedServerException(
            $"The data in {Data} was written by Postgres {version}; this is {binaries.Version} ({binaries.Origin}). "
            + "Start once with --fresh to discard that data, or move the folder away.");
    }

    private async Task InitialiseAsync(string password, IProgress<string>? progress, CancellationToken cancellationToken)
    {
        DiskSpace.Require(folder, NeededBytes, "a new Postgres data folder");
        progress?.Report($"Initialising Postgres {binaries.Version} in {Data} …");
        // What a broken attempt left; nothing in it was ever in use, or PG_VERSION would be there.
        if (Directory.Exists(Data)) Directory.Delete(Data, recursive: true);

        var passwordFile = Path.Combine(folder, "initial-password");
        Secrets.Write(passwordFile, password);
        try
        {
            await user.OwnAsync(folder, cancellationToken);
            // Version 17 brought a locale that is the same on every system; before that it is the C library's.
            string[] locale = binaries.Major >= 17 ? ["--locale-provider=builtin", "--builtin-locale=C.UTF-8"] : [];
            string[] arguments =
            [
                "-D", Data, "-U", options.UserName, $"--pwfile={passwordFile}", "--auth=scram-sha-256",
                "--encoding=UTF8", "--locale=C", .. locale, "--no-sync", "--no-instructions",
            ];
            var result = await Tool.RunAsync(user.Wrap([binaries.InitDb, .. arguments]), folder, InitTimeout, cancellationToken);
            if (result is not { ExitCode: 0 })
            {
                throw new EmbeddedServerException(
                    $"initdb failed for {Data} (exit code {result?.ExitCode}): {result?.Tail ?? "can't be started"}");
            }
            var configuration = Path.Combine(Data, "postgresql.conf");
            await File.AppendAllTextAsync(configuration, $"\ninclude = '{PostgresSettings.FileName}'\n", cancellationToken);
        }
        catch
        {
            if (Directory.Exists(Data)) Directory.Delete(Data, recursive: true);
            throw;
        }
        finally
        {
            File.Delete(passwordFile);
        }
    }

    /// <summary>Sets the superuser's password with the server in single-user mode, which asks for none and opens no port.</summary>
    private async Task ChangePasswordAsync(string password, IProgress<string>? progress, CancellationToken cancellationToken)
    {
        progress?.Report("Setting the Postgres password …");
        var name = options.UserName.Replace("\"", "\"\"", StringComparison.Ordinal);
        var secret = password.Replace("'", "''", StringComparison.Ordinal);
        var result = await Tool.RunAsync(
            user.Wrap([binaries.Postgres, "--single", "-D", Data, "postgres"]), folder, InitTimeout, cancellationToken,
            input: $"ALTER ROLE \"{name}\" PASSWORD '{secret}'\n");
        if (result is not { ExitCode: 0 } || result.Output.Contains("ERROR:", StringComparison.Ordinal))
        {
            throw new EmbeddedServerException($"Can't set the password of {options.UserName} in {Data}: {result?.Tail}");
        }
    }

    private void Discard()
    {
        if (RunningServer() is { } process) throw InUse(process);
        if (Directory.Exists(Data)) Directory.Delete(Data, recursive: true);
        File.Delete(PasswordFile);
    }

    /// <summary>Postgres refuses to start when its old process identifier is taken by anything; only a Postgres counts.</summary>
    private void RemoveStaleLock()
    {
        var file = Path.Combine(Data, "postmaster.pid");
        if (File.Exists(file) && RunningServer() is null) File.Delete(file);
    }

    private int? RunningServer()
    {
        var file = Path.Combine(Data, "postmaster.pid");
        if (!File.Exists(file) || !int.TryParse(File.ReadLines(file).FirstOrDefault(), out var id)) return null;
        try
        {
            using var process = Process.GetProcessById(id);
            return process.ProcessName.Contains("postgres", StringComparison.OrdinalIgnoreCase) ? id : null;
        }
        catch (ArgumentException)
        {
            return null;
        }
    }

    private EmbeddedServerException InUse(int process) => new(
        $"The data in {Data} can't be discarded while Postgres runs on it (process {process}). Stop it first.");
}
