using System.Net;
using System.Net.Http.Headers;
using System.Text;
using Npgsql;
using Platform.Data.Seed;
using Platform.Testing;

namespace Platform.Api.Tests.Imports;

/// <summary>Globex is placed in a database of its own.</summary>
[Collection(ApiTests.Name)]
[Trait("Req", "B5")]
public sealed class PlacedImportTests(ApiFixture api)
{
    [Fact]
    public async Task Upload_of_a_placed_tenant_its_job_and_its_status_are_in_its_own_database()
    {
        await using var placed = await ApiFixture.CreateDatabaseAsync();
        await using var replica = api.StartReplica(new Dictionary<string, string>(RateLimitSettings.Ample)
        {
            [$"Shards:Tenants:{DemoAccounts.Globex}"] = "placed",
            ["ConnectionStrings:placed"] = ApiFixture.AppConnectionStringOf(placed),
        });
        using var client = new HttpClient { BaseAddress = replica.ClientOptions.BaseAddress };
        var token = (await api.LoginAsync(DemoAccounts.GlobexAdmin)).Text("accessToken");
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Bearer", token);
        using var form = new MultipartFormDataContent
        {
            { new ByteArrayContent(Encoding.UTF8.GetBytes("name,email\nAda,ada@example.com\n")), "file", "placed.csv" },
        };

        using var response = await client.PostAsync("/api/imports", form);
        var accepted = await response.JsonAsync(HttpStatusCode.Accepted);
        var import = accepted.GetProperty("importId").GetGuid();

        var status = await (await client.GetAsync(response.Headers.Location)).JsonAsync();
        Assert.Equal(("contacts.import", "available"), (status.Text("type"), status.Text("state")));
        Assert.Equal("queued", (await (await client.GetAsync($"/api/imports/{import}")).JsonAsync()).Text("status"));
        await using var admin = NpgsqlDataSource.Create(placed.ConnectionString);
        foreach (var (sql, id) in new[]
        {
            ("SELECT count(*) FROM imports WHERE id = $1", import),
            ("SELECT count(*) FROM import_chunks WHERE import_id = $1", import),
            ("SELECT count(*) FROM jobs.pending WHERE id = $1", accepted.GetProperty("jobId").GetGuid()),
        })
        {
            await using var count = admin.CreateCommand(sql);
            count.Parameters.AddWithValue(id);
            Assert.Equal((1L, 0L), ((long)(await count.ExecuteScalarAsync())!, await api.ScalarAsync<long>(sql, id)));
        }
        // The other replica has another shard map: it must not find it in the common database.
        Assert.Equal(HttpStatusCode.NotFound, (await (await api.Globex).GetAsync($"/api/imports/{import}")).StatusCode);
    }
}
