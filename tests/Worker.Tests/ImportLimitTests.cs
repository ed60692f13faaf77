using System.Globalization;
using System.Text;
using Platform.Jobs;
using static Platform.Worker.Tests.WorkerDatabase;

namespace Platform.Worker.Tests;

/// <summary>Imports of a tenant whose plan has little room left.</summary>
[Trait("Req", "F9")]
public sealed class ImportLimitTests
{
    [Fact]
    public async Task Rows_beyond_the_plan_are_rejected_after_those_that_are_wrong_anyway()
    {
        await using var database = await WorkerDatabase.CreateAsync();
        await database.ScalarAsync<string>("UPDATE plans SET contacts = 5 WHERE name = 'pro' RETURNING name");
        await using var host = await ImportHost.StartAsync(database, batchRows: 4);

        var (import, job) = await database.UploadAsync(Acme, File("a", 4, "Twice,a1@x.example,\n", "Nobody,,\n", "B,b1@x.example,\nC,c1@x.example,\nTwice,a2@x.example,\n"));
        await database.WaitForAsync(Acme, job, JobStates.Succeeded);

        Assert.Equal(
            [(5L, "duplicate_email"), (6L, "missing_email_and_phone"), (8L, "contact_limit_reached"), (9L, "duplicate_email")],
            await database.RejectionsAsync(import));
        Assert.Equal(5L, await database.ScalarAsync<long>("SELECT count(*) FROM contacts"));
        Assert.Equal("completed 5 4", await database.ScalarAsync<string>("SELECT status || ' ' || imported || ' ' || rejected FROM imports WHERE id = $1", import));
    }

    [Fact]
    public async Task Two_imports_at_once_fill_the_plan_exactly()
    {
        await using var database = await WorkerDatabase.CreateAsync();
        await database.ScalarAsync<string>("UPDATE plans SET contacts = 500 WHERE name = 'pro' RETURNING name");
        await using var host = await ImportHost.StartAsync(database, batchRows: 20);

        var (_, first) = await database.UploadAsync(Acme, File("a", 400));
        var (_, second) = await database.UploadAsync(Acme, File("b", 400));
        var (_, other) = await database.UploadAsync(Globex, File("c", 600));
        await database.WaitForAsync(Acme, first, JobStates.Succeeded);
        await database.WaitForAsync(Acme, second, JobStates.Succeeded);
        await database.WaitForAsync(Globex, other, JobStates.Succeeded);

        Assert.Equal("500 300 600", await database.ScalarAsync<string>(
            """
            SELECT concat_ws(' ', (SELECT count(*) FROM contacts WHERE tenant_id = $1),
                (SELECT count(*) FROM import_rejections WHERE reason = 'contact_limit_reached'), (SELECT count(*) FROM contacts WHERE tenant_id = $2))
            """, Acme.Value, Globex.Value));
    }

    private static byte[] File(string name, int rows, params string[] more)
    {
        var file = new StringBuilder("name,email,phone\n");
        for (var i = 1; i <= rows; i++)
            file.Append(CultureInfo.InvariantCulture, $"{name} {i},{name}{i}@x.example,\n");
        return Encoding.UTF8.GetBytes(file.ToString() + string.Concat(more));
    }
}
