using System.IO.Compression;
using System.Net;
using System.Text.Json;
using Platform.Tenancy;

namespace Platform.Api.Tests.Caching;

[Trait("Req", "C4")]
public sealed class CachedAnswerTests
{
    private readonly TenantId _tenant = new(Guid.CreateVersion7());
    private readonly AnswerSource _source = new();

    [Fact]
    public async Task Get_is_a_miss_then_a_hit_with_the_same_body_and_tag()
    {
        await using var host = await AnswerHost.StartAsync(_source);

        using var first = await host.SendAsync(_tenant, "/things");
        using var second = await host.SendAsync(_tenant, "/things");

        Assert.Equal(("false", "true"), (Hit(first), Hit(second)));
        Assert.Equal(await first.Content.ReadAsStringAsync(), await second.Content.ReadAsStringAsync());
        Assert.Equal(first.Headers.ETag, second.Headers.ETag);
        Assert.False(second.Headers.ETag!.IsWeak);
        Assert.True(second.Headers.CacheControl is { Private: true, NoCache: true });
        Assert.Equal(["Accept-Encoding", "Authorization"], second.Headers.Vary);
        Assert.Equal("application/json", second.Content.Headers.ContentType!.MediaType);
        Assert.Equal(20, (await second.JsonAsync()).GetProperty("data").GetArrayLength());
        Assert.Equal(1, _source.Reads);
    }

    [Fact]
    [Trait("Req", "C8")]
    public async Task Get_with_the_tag_it_has_is_304_and_has_no_body()
    {
        await using var host = await AnswerHost.StartAsync(_source);
        using var first = await host.SendAsync(_tenant, "/things");
        var tag = first.Headers.ETag!.ToString();

        foreach (var known in new[] { tag, $"W/{tag}", $"\"other\", {tag}", "*" })
        {
            using var again = await host.SendAsync(_tenant, "/things", ifNoneMatch: known);
            Assert.Equal(HttpStatusCode.NotModified, again.StatusCode);
            Assert.Equal(tag, again.Headers.ETag!.ToString());
            Assert.Equal("true", Hit(again));
            Assert.Empty(await again.Content.ReadAsByteArrayAsync());
        }
        using var other = await host.SendAsync(_tenant, "/things", ifNoneMatch: "\"other\"");
        Assert.Equal(HttpStatusCode.OK, other.StatusCode);
    }

    [Fact]
    public async Task Head_answers_as_get_without_the_body()
    {
        await using var host = await AnswerHost.StartAsync(_source);
        using var get = await host.SendAsync(_tenant, "/things");
        using var head = await host.SendAsync(_tenant, "/things", HttpMethod.Head);

        Assert.Equal(HttpStatusCode.OK, head.StatusCode);
        Assert.Equal(get.Headers.ETag, head.Headers.ETag);
        Assert.Equal((await get.Content.ReadAsByteArrayAsync()).Length, head.Content.Headers.ContentLength);
        Assert.Empty(await head.Content.ReadAsByteArrayAsync());
    }

    [Theory]
    [Trait("Req", "D6")]
    [InlineData("br")]
    [InlineData("gzip")]
    public async Task Encoded_answer_has_its_own_tag_and_the_same_content(string encoding)
    {
        await using var host = await AnswerHost.StartAsync(_source);
        using var plain = await host.SendAsync(_tenant, "/things");
        using var packed = await host.SendAsync(_tenant, "/things", encoding: encoding);

        Assert.Equal(encoding, packed.Content.Headers.ContentEncoding.Single());
        Assert.NotEqual(plain.Headers.ETag, packed.Headers.ETag);
        var bytes = await packed.Content.ReadAsByteArrayAsync();
        Assert.True(bytes.Length < (await plain.Content.ReadAsByteArrayAsync()).Length / 2);
        await using Stream unpacked = encoding == "br"
            ? new BrotliStream(new MemoryStream(bytes), CompressionMode.Decompress)
            : new GZipStream(new MemoryStream(bytes), CompressionMode.Decompress);
        Assert.Equal(await plain.Content.ReadAsStringAsync(), await new StreamReader(unpacked).ReadToEndAsync());

        using var again = await host.SendAsync(_tenant, "/things", ifNoneMatch: packed.Headers.ETag!.ToString(), encoding: encoding);
        Assert.Equal(HttpStatusCode.NotModified, again.StatusCode);
    }

    [Fact]
    public async Task Small_answer_is_sent_as_it_is()
    {
        await using var host = await AnswerHost.StartAsync(_source);
        using var answer = await host.SendAsync(_tenant, "/things/1", encoding: "br");

        Assert.Empty(answer.Content.Headers.ContentEncoding);
        Assert.Equal("\"7\"", answer.Headers.ETag!.ToString());
    }

    [Fact]
    public async Task Get_of_nothing_is_404_and_asks_again_each_time()
    {
        await using var host = await AnswerHost.StartAsync(_source);
        for (var round = 1; round <= 2; round++)
        {
            using var answer = await host.SendAsync(_tenant, "/things/none");
            Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
            Assert.Contains("There is no such thing", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
            Assert.Equal(round, _source.Reads);
        }
    }

    [Fact]
    [Trait("Req", "B3")]
    public async Task Each_tenant_has_its_own_answer()
    {
        await using var host = await AnswerHost.StartAsync(_source);
        using var mine = await host.SendAsync(_tenant, "/things");
        _source.Text = "second";
        using var theirs = await host.SendAsync(new TenantId(Guid.CreateVersion7()), "/things");

        Assert.Equal("false", Hit(theirs));
        Assert.Contains("second", await theirs.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Links_name_the_address_that_was_asked_for()
    {
        await using var host = await AnswerHost.StartAsync(_source);
        async Task<string> LinkAsync(string url)
        {
            using var answer = await host.SendAsync(_tenant, url);
            return answer.Headers.GetValues("Link").Single();
        }

        Assert.Contains("</things?page=2>; rel=\"next\"", await LinkAsync("/things"), StringComparison.Ordinal);
        Assert.Contains("</things?limit=20&page=2>; rel=\"next\"", await LinkAsync("/things?limit=20"), StringComparison.Ordinal);
        Assert.Contains("</things?page=2>; rel=\"next\"", await LinkAsync("/things?page=1"), StringComparison.Ordinal);
        Assert.Equal(1, _source.Reads);
        Assert.Contains("page=3>; rel=\"next\"", await LinkAsync("/things?page=2"), StringComparison.Ordinal);
        Assert.Contains("filter=a%3Ab&page=2>; rel=\"next\"", await LinkAsync("/things?filter=a:b"), StringComparison.Ordinal);
        Assert.Equal(3, _source.Reads);
    }

    [Theory]
    [Trait("Req", "C5")]
    [InlineData("REDIS_CACHE_ENABLED", "0")]
    [InlineData("Cache:Enabled", "false")]
    public async Task Switched_off_cache_answers_each_time_anew_and_says_so(string name, string value)
    {
        await using var host = await AnswerHost.StartAsync(_source, new() { [name] = value });
        for (var round = 1; round <= 3; round++)
        {
            using var answer = await host.SendAsync(_tenant, "/things/1");
            Assert.Equal("false", Hit(answer));
            Assert.Equal(round, _source.Reads);
        }
        using var known = await host.SendAsync(_tenant, "/things/1", ifNoneMatch: "\"7\"");
        Assert.Equal(HttpStatusCode.NotModified, known.StatusCode);
    }

    [Fact]
    [Trait("Req", "C2")]
    public async Task Other_replica_finds_the_answer_and_loses_it_when_it_is_invalidated()
    {
        await using var one = await AnswerHost.StartAsync(_source);
        await using var other = await AnswerHost.StartAsync(_source);
        using var first = await one.SendAsync(_tenant, "/things");
        using var found = await other.SendAsync(_tenant, "/things", encoding: "br");
        Assert.Equal(("false", "true"), (Hit(first), Hit(found)));

        _source.Text = "second";
        await one.Cache.InvalidateAsync(AnswerHost.Tag(_tenant));
        using var changed = await one.SendAsync(_tenant, "/things");
        Assert.Equal("false", Hit(changed));
        Assert.NotEqual(first.Headers.ETag, changed.Headers.ETag);
        await Platform.Testing.Eventually.TrueAsync(async () =>
        {
            using var seen = await other.SendAsync(_tenant, "/things");
            return seen.Headers.ETag!.Equals(changed.Headers.ETag);
        });
        Assert.Equal(2, _source.Reads);
    }

    [Fact]
    public async Task Damaged_entry_counts_as_a_miss()
    {
        await using var host = await AnswerHost.StartAsync(_source);
        var kind = Platform.Caching.CacheKinds.Reports;
        foreach (var bytes in new byte[][] { [], [0], "no head"u8.ToArray(), "{}\nbody"u8.ToArray(), "{\"Tag\":1}\n"u8.ToArray() })
        {
            await host.Cache.InvalidateAsync(AnswerHost.Tag(_tenant));
            await host.Cache.GetOrCreateAsync(
                Platform.Caching.CacheKey.Create(_tenant, kind, [AnswerHost.Tag(_tenant)], "detail", "1"), _ => Task.FromResult(bytes));
            using var answer = await host.SendAsync(_tenant, "/things/1");
            Assert.Equal("false", Hit(answer));
            Assert.Equal("first", (await answer.JsonAsync()).Text("text"));
        }
    }

    private static string Hit(HttpResponseMessage answer) => answer.Headers.GetValues("X-Cache-Hit").Single();
}
