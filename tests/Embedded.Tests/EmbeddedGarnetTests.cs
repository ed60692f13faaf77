using Platform.Testing;
using StackExchange.Redis;

namespace Platform.Embedded.Tests;

[Trait("Req", "A4")]
public sealed class EmbeddedGarnetTests
{
    [Fact]
    public async Task Commands_the_platform_uses_work()
    {
        var server = await GarnetServer.GetAsync();
        using var redis = await ConnectionMultiplexer.ConnectAsync(server.ConnectionString);
        var db = redis.GetDatabase();

        Assert.Equal("OK", (string?)await db.ExecuteAsync("SET", "ticket", "value", "EX", "30"));
        Assert.InRange((await db.KeyTimeToLiveAsync("ticket"))!.Value.TotalSeconds, 20, 30);
        Assert.Equal("value", (string?)await db.ExecuteAsync("GETDEL", "ticket"));
        Assert.True((await db.ExecuteAsync("GETDEL", "ticket")).IsNull);

        Assert.Equal(1, await db.StringIncrementAsync("version"));
        Assert.Equal(2, await db.StringIncrementAsync("version"));
        var values = await db.StringGetAsync(["version", "absent"]);
        Assert.Equal("2", (string?)values[0]);
        Assert.True(values[1].IsNull);

        await db.SortedSetAddAsync("window", [new SortedSetEntry("a", 1), new SortedSetEntry("b", 2), new SortedSetEntry("c", 3)]);
        Assert.Equal(["b", "c"], (await db.SortedSetRangeByScoreAsync("window", 2)).Select(member => (string)member!));
        Assert.Equal(1, await db.SortedSetRemoveRangeByRankAsync("window", 0, 0));

        await db.HashSetAsync("minute", [new HashEntry("200", 3)]);
        Assert.Equal(4, await db.HashIncrementAsync("minute", "200"));

        var script = "redis.call('SET', KEYS[1], ARGV[1]) redis.call('PUBLISH', KEYS[2], ARGV[1]) return redis.call('INCR', KEYS[3])";
        Assert.Equal(3, (long)await db.ScriptEvaluateAsync(script, ["scripted", "channel", "version"], ["x"]));
        Assert.Equal("x", (string?)await db.StringGetAsync("scripted"));
        Assert.Equal(2, ((RedisResult[])(await db.ScriptEvaluateAsync("return redis.call('TIME')"))!).Length);
    }

    [Fact]
    public async Task Publish_reaches_a_subscriber()
    {
        var server = await GarnetServer.GetAsync();
        using var redis = await ConnectionMultiplexer.ConnectAsync(server.ConnectionString);
        var received = new TaskCompletionSource<string?>(TaskCreationOptions.RunContinuationsAsynchronously);
        await redis.GetSubscriber().SubscribeAsync("greetings", (_, message) => received.TrySetResult(message));

        await redis.GetDatabase().PublishAsync("greetings", "hello");

        Assert.Equal("hello", await received.Task.WaitAsync(TimeSpan.FromSeconds(10)));
    }

    [Fact]
    public async Task Password_is_required_and_off_the_command_line()
    {
        using var folder = new TemporaryFolder();
        var options = new EmbeddedGarnetOptions { DataFolder = folder["garnet"] };
        await using var server = await EmbeddedGarnet.StartAsync(options);

        await Assert.ThrowsAsync<IOException>(() => Garnet.GarnetProbe.AnswersAsync(Guess("wrong"), server.Port, default));
        Assert.Equal(server.Password, await File.ReadAllTextAsync(folder["garnet.password"]));
        if (OperatingSystem.IsWindows()) return;
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(folder["garnet/garnet.conf"]));
        var prepared = await EmbeddedGarnet.PrepareAsync(options);
        Assert.Equal(server.Password, prepared.Password);
        Assert.DoesNotContain(prepared.Arguments, argument => argument.Contains(server.Password, StringComparison.Ordinal));
    }

    [Fact]
    public async Task StartAsync_again_keeps_the_password_and_fresh_changes_it()
    {
        using var folder = new TemporaryFolder();
        var options = new EmbeddedGarnetOptions { DataFolder = folder["garnet"] };
        var first = (await EmbeddedGarnet.PrepareAsync(options)).Password;

        Assert.Equal(first, (await EmbeddedGarnet.PrepareAsync(options)).Password);
        Assert.NotEqual(first, (await EmbeddedGarnet.PrepareAsync(options with { Fresh = true })).Password);
        Assert.Equal("given", (await EmbeddedGarnet.PrepareAsync(options with { Password = "given" })).Password);
    }

    [Fact]
    public async Task Listens_on_loopback_only()
    {
        var server = await GarnetServer.GetAsync();
        var listeners = System.Net.NetworkInformation.IPGlobalProperties.GetIPGlobalProperties().GetActiveTcpListeners();

        var ours = listeners.Where(listener => listener.Port == server.Port).ToList();
        Assert.NotEmpty(ours);
        Assert.All(ours, listener => Assert.True(System.Net.IPAddress.IsLoopback(listener.Address)));
    }

    private static PreparedServer Guess(string password) => new()
    {
        Description = "", Command = "", Arguments = [], WorkingDirectory = "", DataFolder = "",
        Environment = new Dictionary<string, string>(), Password = password,
    };
}
