using System.Diagnostics;
using Platform.Testing;

namespace Platform.Embedded.Tests;

public sealed class TestDatabaseTests(Xunit.Abstractions.ITestOutputHelper output)
{
    [Fact]
    public async Task CreateAsync_same_template_migrates_once_and_isolates()
    {
        var migrations = 0;
        async Task Migrate(string connectionString)
        {
            Interlocked.Increment(ref migrations);
            await Sql.RunAsync(connectionString, "CREATE TABLE things(id int)");
        }

        var clock = Stopwatch.StartNew();
        await using var first = await TestDatabase.CreateAsync("things", Migrate);
        output.WriteLine($"first {clock.ElapsedMilliseconds} ms");
        clock.Restart();
        await using var second = await TestDatabase.CreateAsync("things", Migrate);
        output.WriteLine($"second {clock.ElapsedMilliseconds} ms");
        await Sql.RunAsync(first.ConnectionString, "INSERT INTO things VALUES (1)");

        Assert.Equal(1, migrations);
        Assert.Equal(0L, await Sql.RunAsync(second.ConnectionString, "SELECT count(*) FROM things"));
    }
}
