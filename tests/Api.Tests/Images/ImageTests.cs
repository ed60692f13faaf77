using System.Net;
using System.Net.Http.Headers;
using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Platform.Api.Tests.Auth;
using Platform.Data.Images;
using Platform.Tenancy;
using StackExchange.Redis;

namespace Platform.Api.Tests.Images;

/// <summary>Pictures as the API takes them in and hands them out; what a Worker makes of them is tested there. Each test has a tenant of its own.</summary>
[Collection(ApiTests.Name)]
[Trait("Req", "D10")]
public sealed class ImageTests(ApiFixture api)
{
    private const string Avatar = "/api/user/profile/avatar", Logo = "/api/session/settings/logo";

    private static readonly byte[] Png = [0x89, .. "PNG\r\n\u001a\n"u8, 0, 0, 0, 13, .. "IHDR"u8, 0, 0, 0, 40, 0, 0, 0, 30, 8, 2, 0, 0, 0];

    private static readonly byte[] Bomb = [.. Png[..16], 0, 0, 0x75, 0x30, 0, 0, 0x75, 0x30, .. Png[24..]];

    [Fact]
    public async Task Upload_is_stored_with_its_job_and_a_later_one_takes_its_place()
    {
        var (tenant, user, client) = await MemberAsync(Permissions.JobsRead);
        using var none = await client.GetAsync(Avatar);
        await none.ProblemAsync(404);

        await AcceptAsync(client, Avatar, Png);
        var job = await AcceptAsync(client, Avatar, [.. Png, 1]);

        var avatar = await (await client.GetAsync(Avatar)).JsonAsync();
        Assert.Equal(("queued", job), (avatar.Text("status"), avatar.Text("jobId")));
        Assert.Empty(avatar.GetProperty("files").EnumerateArray());
        Assert.Equal(Png.Length + 1, await api.ScalarAsync<int>(
            "SELECT length(content) FROM image_uploads WHERE tenant_id = $1 AND owner_id = $2", tenant, user));
        var status = await (await client.GetAsync($"/api/jobs/{job}/status")).JsonAsync();
        Assert.Equal(("images.optimize", "images"), (status.Text("type"), status.Text("queue")));
    }

    [Fact]
    [Trait("Req", "D5")]
    public async Task Fifty_repeated_uploads_are_stored_once_and_another_file_under_their_key_is_refused()
    {
        var (tenant, _, client) = await MemberAsync();
        var key = Guid.NewGuid().ToString();

        var answers = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => SendAsync(client, Png, key: key)));

        // A request that finds the first one still running for long is told to come back, and gets the same then.
        Assert.All(answers, answer => Assert.Contains(answer.StatusCode, new[] { HttpStatusCode.Accepted, HttpStatusCode.Conflict }));
        var accepted = answers.Where(answer => answer.StatusCode == HttpStatusCode.Accepted).ToList();
        Assert.Single(accepted.Select(answer => answer.Headers.Location).Distinct());
        Assert.Single(accepted, answer => !answer.Headers.Contains("Idempotency-Replayed"));
        Assert.Equal((1L, 1L), (
            await api.ScalarAsync<long>("SELECT version FROM images WHERE tenant_id = $1", tenant),
            await api.ScalarAsync<long>("SELECT count(*) FROM jobs.job WHERE tenant_id = $1", tenant)));
        var problem = await (await SendAsync(client, [.. Png, 1], key: key)).ProblemAsync(422);
        Assert.Equal(["Idempotency-Key"], problem.Fields());
    }

    [Fact]
    [Trait("Req", "D4")]
    public async Task Picture_is_replaced_and_deleted_from_the_version_that_was_read()
    {
        var (_, _, client) = await MemberAsync();
        await (await SendAsync(client, Png, ifMatch: "\"1\"")).ProblemAsync(412);
        await (await SendAsync(client, Png)).JsonAsync(HttpStatusCode.Accepted);
        using var read = await client.GetAsync(Avatar);
        var tag = read.Headers.ETag!.Tag;

        await (await SendAsync(client, [.. Png, 1], ifMatch: tag)).JsonAsync(HttpStatusCode.Accepted);
        await (await SendAsync(client, [.. Png, 2], ifMatch: tag)).ProblemAsync(412);
        await (await client.ChangeAsync(HttpMethod.Delete, Avatar, ifMatch: tag)).ProblemAsync(412);

        Assert.Equal(HttpStatusCode.NoContent, (await client.ChangeAsync(HttpMethod.Delete, Avatar, ifMatch: "\"2\"")).StatusCode);
    }

    private async Task<HttpResponseMessage> SendAsync(HttpClient client, byte[] content, string? key = null, string? ifMatch = null)
    {
        await api.Services.GetRequiredService<ImageWorkers>().AnnounceAsync();
        var request = new HttpRequestMessage(HttpMethod.Put, Avatar) { Content = new ByteArrayContent(content) };
        request.Content.Headers.ContentType = new MediaTypeHeaderValue("image/png");
        if (key is not null)
            request.Headers.Add("Idempotency-Key", key);
        if (ifMatch is not null)
            request.Headers.Add("If-Match", ifMatch);
        return await client.SendAsync(request);
    }

    [Theory]
    [InlineData("text", 415)]
    [InlineData("svg", 415)]
    [InlineData("gif", 415)]
    [InlineData("nothing", 415)]
    [InlineData("cut", 422)]
    [InlineData("bomb", 422)]
    [InlineData("large", 413)]
    [InlineData("large, length unsaid", 413)]
    public async Task What_cannot_be_a_picture_is_refused_and_leaves_nothing(string which, int expected)
    {
        var (tenant, _, client) = await MemberAsync();
        byte[] large = [.. Png, .. new byte[5 * 1024 * 1024]];
        HttpContent content = which switch
        {
            "text" => new ByteArrayContent("Hello, this is text."u8.ToArray()),
            "svg" => new ByteArrayContent("<svg xmlns=\"http://www.w3.org/2000/svg\"/>"u8.ToArray()),
            "gif" => new ByteArrayContent("GIF89a\u0001\0\u0001\0"u8.ToArray()),
            "nothing" => new ByteArrayContent([]),
            "cut" => new ByteArrayContent(Png[..20]),
            "bomb" => new ByteArrayContent(Bomb),
            "large" => new ByteArrayContent(large),
            _ => new StreamContent(new Unseekable(large)),
        };
        // Whatever the sender calls it.
        content.Headers.ContentType = new MediaTypeHeaderValue("image/png");

        using var request = new HttpRequestMessage(HttpMethod.Put, Avatar) { Content = content };
        request.Headers.ExpectContinue = true;
        using var response = await client.SendAsync(request);

        await response.ProblemAsync(expected);
        Assert.Equal(0L, await api.ScalarAsync<long>("SELECT count(*) FROM images WHERE tenant_id = $1", tenant));
    }

    [Fact]
    public async Task Without_a_worker_for_it_an_upload_is_refused_with_that_reason()
    {
        var (_, _, client) = await MemberAsync();
        await api.Services.GetRequiredService<IConnectionMultiplexer>().GetDatabase().KeyDeleteAsync("images:worker");

        using var response = await PutAsync(client, Avatar, Png);

        var problem = await response.ProblemAsync(503);
        Assert.Contains("no Worker", problem.Text("detail"), StringComparison.Ordinal);
        Assert.NotNull(response.Headers.RetryAfter);
    }

    [Fact]
    public async Task File_is_served_for_ever_by_its_hash_to_its_own_tenant_alone()
    {
        var (tenant, _, client) = await MemberAsync();
        var stranger = (await MemberAsync()).Client;
        var content = Encoding.ASCII.GetBytes("RIFF....WEBP" + Guid.NewGuid());
        var hash = Convert.ToHexStringLower(SHA256.HashData(content));
        await AcceptAsync(await AdminAsync(tenant), Logo, Png);
        await api.ScalarAsync<int>(
            "INSERT INTO image_files (tenant_id, kind, owner_id, size, hash, width, height, content) VALUES ($1, 'logo', $1, 512, $2, 512, 400, $3) RETURNING 1",
            tenant, hash, content);

        var file = (await (await client.GetAsync(Logo)).JsonAsync()).GetProperty("files")[0];
        Assert.Equal((512, 400, content.Length), (file.GetProperty("size").GetInt32(), file.GetProperty("height").GetInt32(), file.GetProperty("bytes").GetInt32()));
        using var response = await client.GetAsync(file.Text("url"));

        Assert.Equal(content, await response.Content.ReadAsByteArrayAsync());
        Assert.Equal("image/webp", response.Content.Headers.ContentType!.ToString());
        var caching = response.Headers.CacheControl!;
        Assert.Equal((true, TimeSpan.FromDays(365)), (caching.Private, caching.MaxAge));
        Assert.Contains("immutable", caching.ToString(), StringComparison.Ordinal);
        Assert.Equal("nosniff", response.Headers.GetValues("X-Content-Type-Options").Single());
        using var again = new HttpRequestMessage(HttpMethod.Get, file.Text("url"));
        again.Headers.IfNoneMatch.Add(response.Headers.ETag!);
        using var known = await client.SendAsync(again);
        Assert.Equal(HttpStatusCode.NotModified, known.StatusCode);

        foreach (var url in new[] { file.Text("url"), $"/api/images/{new string('0', 64)}", "/api/images/x" })
            await (await (url == file.Text("url") ? stranger : client).GetAsync(url)).ProblemAsync(404);
        await (await api.Anonymous.GetAsync(file.Text("url"))).ProblemAsync(401);
        await (await stranger.GetAsync(Logo)).ProblemAsync(404);
    }

    [Fact]
    public async Task Deleted_picture_is_gone_with_its_files_and_answers()
    {
        var (tenant, user, client) = await MemberAsync();
        await AcceptAsync(client, Avatar, Png);
        await (await client.GetAsync(Avatar)).JsonAsync();

        using var deleted = await client.DeleteAsync(Avatar);

        Assert.Equal(HttpStatusCode.NoContent, deleted.StatusCode);
        await (await client.GetAsync(Avatar)).ProblemAsync(404);
        await (await client.DeleteAsync(Avatar)).ProblemAsync(404);
        Assert.Equal(0L, await api.ScalarAsync<long>("SELECT count(*) FROM image_uploads WHERE tenant_id = $1 AND owner_id = $2", tenant, user));
    }

    [Fact]
    public async Task Logo_takes_who_manages_the_team_and_is_noted()
    {
        var (tenant, _, client) = await MemberAsync();

        await (await PutAsync(client, Logo, Png)).ProblemAsync(403);
        await (await client.DeleteAsync(Logo)).ProblemAsync(403);
        var admin = await AdminAsync(tenant);
        await AcceptAsync(admin, Logo, Png);
        using var deleted = await admin.DeleteAsync(Logo);

        Assert.Equal("logo.uploaded,logo.deleted", await api.ScalarAsync<string>(
            "SELECT string_agg(action, ',' ORDER BY id) FROM audit_log WHERE tenant_id = $1 AND action LIKE 'logo.%'", tenant));
    }

    [Fact]
    public async Task Two_uploads_at_once_leave_one()
    {
        var (tenant, _, client) = await MemberAsync();

        var jobs = await Task.WhenAll(Enumerable.Range(0, 6).Select(i => AcceptAsync(client, Avatar, [.. Png, (byte)i])));

        Assert.Equal(1L, await api.ScalarAsync<long>("SELECT count(*) FROM image_uploads WHERE tenant_id = $1", tenant));
        Assert.Contains((await (await client.GetAsync(Avatar)).JsonAsync()).Text("jobId"), jobs);
    }

    private async Task<string> AcceptAsync(HttpClient client, string url, byte[] content)
    {
        await api.Services.GetRequiredService<ImageWorkers>().AnnounceAsync();
        using var response = await PutAsync(client, url, content);
        var job = (await response.JsonAsync(HttpStatusCode.Accepted)).Text("jobId");
        Assert.Equal($"/api/jobs/{job}/status", response.Headers.Location!.OriginalString);
        return job;
    }

    private static Task<HttpResponseMessage> PutAsync(HttpClient client, string url, byte[] content) => client.PutAsync(
        url, new ByteArrayContent(content) { Headers = { ContentType = new MediaTypeHeaderValue("image/png") } });

    private async Task<(Guid Tenant, Guid User, HttpClient Client)> MemberAsync(params string[] permissions)
    {
        var tenant = await api.AddTenantAsync();
        var user = await api.AddUserAsync(tenant, [Permissions.ContactsRead, .. permissions]);
        return (tenant, user.Id, await api.SignInAsync(user));
    }

    private async Task<HttpClient> AdminAsync(Guid tenant) => await api.SignInAsync(await api.AddUserAsync(tenant, Permissions.TeamManage));

    private sealed class Unseekable(byte[] content) : MemoryStream(content)
    {
        public override bool CanSeek => false;
    }
}
