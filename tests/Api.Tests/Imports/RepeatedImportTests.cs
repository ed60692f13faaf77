using System.Net;
using System.Text;

namespace Platform.Api.Tests.Imports;

[Collection(ApiTests.Name)]
[Trait("Req", "D5")]
public sealed class RepeatedImportTests(ApiFixture api)
{
    private static readonly byte[] People = "name,email\nAda,ada@example.com\n"u8.ToArray();

    private readonly string _key = Guid.NewGuid().ToString(), _name = $"{Guid.NewGuid():N}.csv";

    [Fact]
    public async Task Repeated_upload_creates_once_and_gets_the_first_answer()
    {
        var client = await api.Acme;
        // More than the reader keeps in memory, and more than one piece.
        var file = Encoding.UTF8.GetBytes("name,email\n" + string.Concat(Enumerable.Range(0, 20_000).Select(i => $"Person {i},p{i}@example.com\n")));
        var before = await StoredAsync();

        using var first = await UploadAsync(client, file, _name, _key);
        var created = await StoredAsync();
        using var second = await UploadAsync(client, file, _name, _key);

        var accepted = await first.JsonAsync(HttpStatusCode.Accepted);
        Assert.Equal(accepted.ToString(), (await second.JsonAsync(HttpStatusCode.Accepted)).ToString());
        Assert.Equal($"/api/jobs/{accepted.Text("jobId")}/status", first.Headers.Location!.ToString());
        Assert.Equal(first.Headers.Location, second.Headers.Location);
        Assert.Equal("true", second.Headers.GetValues("Idempotency-Replayed").Single());
        Assert.False(first.Headers.Contains("Idempotency-Replayed"));
        Assert.Equal((before.Imports + 1, before.Jobs + 1), (created.Imports, created.Jobs));
        Assert.Equal(created, await StoredAsync());
        Assert.Equal(file.Length, await api.ScalarAsync<long>(
            "SELECT sum(length(content)) FROM import_chunks WHERE import_id = $1", accepted.GetProperty("importId").GetGuid()));
    }

    [Fact]
    public async Task Same_key_with_another_file_or_another_name_is_422_and_leaves_nothing()
    {
        var client = await api.Acme;
        await (await UploadAsync(client, People, _name, _key)).JsonAsync(HttpStatusCode.Accepted);
        var before = await StoredAsync();

        var problem = await (await UploadAsync(client, [.. People, .. "Bo,bo@example.com\n"u8], _name, _key)).ProblemAsync(422);
        await (await UploadAsync(client, People, $"other-{_name}", _key)).ProblemAsync(422);

        Assert.Equal(["Idempotency-Key"], problem.Fields());
        Assert.Equal(before, await StoredAsync());
    }

    [Fact]
    public async Task Fifty_at_once_create_one_import_and_one_job()
    {
        var client = await api.Acme;
        var before = await StoredAsync();

        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => UploadAsync(client, People, _name, _key)));

        // A request that finds the first one still running for long is told to come back, and gets the same then.
        Assert.All(answers, answer => Assert.Contains(answer.StatusCode, new[] { HttpStatusCode.Accepted, HttpStatusCode.Conflict }));
        var bodies = new List<string>();
        foreach (var answer in answers.Where(answer => answer.StatusCode == HttpStatusCode.Accepted))
            bodies.Add(await answer.Content.ReadAsStringAsync());
        Assert.Single(bodies.Distinct());
        Assert.Equal((before.Imports + 1, before.Jobs + 1, before.Bytes + People.Length), await StoredAsync());
    }

    [Fact]
    public async Task Refused_file_leaves_the_key_for_the_mended_one()
    {
        var client = await api.Acme;
        await (await UploadAsync(client, "nothing of use\n"u8.ToArray(), _name, _key)).ProblemAsync(422);

        using var mended = await UploadAsync(client, People, _name, _key);

        await mended.JsonAsync(HttpStatusCode.Accepted);
        Assert.False(mended.Headers.Contains("Idempotency-Replayed"));
    }

    [Fact]
    [Trait("Req", "B4")]
    public async Task Key_of_one_tenant_means_nothing_in_another()
    {
        using var first = await UploadAsync(await api.Acme, People, _name, _key);
        using var second = await UploadAsync(await api.Globex, People, _name, _key);

        var (theirs, ours) = (await first.JsonAsync(HttpStatusCode.Accepted), await second.JsonAsync(HttpStatusCode.Accepted));
        Assert.NotEqual(theirs.Text("importId"), ours.Text("importId"));
        Assert.NotEqual(theirs.Text("jobId"), ours.Text("jobId"));
        Assert.False(second.Headers.Contains("Idempotency-Replayed"));
        await (await (await api.Globex).GetAsync($"/api/imports/{ours.Text("importId")}")).JsonAsync();
    }

    [Fact]
    public async Task Without_a_key_each_upload_is_an_import()
    {
        var before = await StoredAsync();

        await (await UploadAsync(await api.Acme, People, _name, key: null)).JsonAsync(HttpStatusCode.Accepted);
        await (await UploadAsync(await api.Acme, People, _name, key: null)).JsonAsync(HttpStatusCode.Accepted);

        Assert.Equal((before.Imports + 2, before.Jobs + 2, before.Bytes + (2 * People.Length)), await StoredAsync());
    }

    [Theory]
    [InlineData("has space")]
    [InlineData("")]
    public async Task Malformed_key_is_400(string key)
    {
        var before = await StoredAsync();

        await (await UploadAsync(await api.Acme, People, _name, key)).ProblemAsync(400);

        Assert.Equal(before, await StoredAsync());
    }

    internal static async Task<HttpResponseMessage> UploadAsync(HttpClient client, byte[] file, string name, string? key)
    {
        using var request = new HttpRequestMessage(HttpMethod.Post, "/api/imports")
        {
            Content = new MultipartFormDataContent { { new ByteArrayContent(file), "file", name } },
        };
        if (key is not null)
            request.Headers.TryAddWithoutValidation("Idempotency-Key", key);
        return await client.SendAsync(request);
    }

    /// <summary>All there is of uploads, their pieces included that belong to no import.</summary>
    private async Task<(long Imports, long Jobs, long Bytes)> StoredAsync() => (
        await api.ScalarAsync<long>("SELECT count(*) FROM imports"),
        await api.ScalarAsync<long>("SELECT count(*) FROM jobs.job WHERE type = 'contacts.import'"),
        await api.ScalarAsync<long>("SELECT coalesce(sum(length(content)), 0)::bigint FROM import_chunks"));
}
