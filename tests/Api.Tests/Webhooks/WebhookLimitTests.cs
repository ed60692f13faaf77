using System.Net;
using System.Net.Http.Headers;
using Microsoft.AspNetCore.Mvc.Testing;
using Platform.Api.Tests.RateLimits;
using static Platform.Api.Tests.Webhooks.WebhookCaller;

namespace Platform.Api.Tests.Webhooks;

/// <summary>Who may call how often: sources that prove themselves, and addresses of those who don't.</summary>
[Collection(ApiTests.Name)]
[Trait("Req", "E2")]
public sealed class WebhookLimitTests(ApiFixture api)
{
    private const int Limit = 5;

    private static readonly string Nobodys = $"/api/webhooks/generic/{new string('a', 26)}";

    private static int _addresses;

    [Fact]
    [Trait("Req", "E3")]
    public async Task Every_refused_call_counts_against_its_address_and_says_what_is_left()
    {
        var source = await CreateAsync(await api.Acme);
        await using var replica = Start();
        Func<HttpClient, Task<HttpResponseMessage>>[] calls =
        [
            client => client.SendAsync(Unsigned(source.Path)),
            client => client.PostAsync(source.Path, new StringContent("{}")),
            client => source.CallAsync(client, new string(' ', 256 * 1024 + 1)),
            client => client.SendAsync(Chunked(source.Path)),
            client => source.CallAsync(client, signature: "v1,x"),
            client => (source with { Path = Nobodys }).CallAsync(client),
            client => (source with { Path = "/api/webhooks/shop/x" }).CallAsync(client),
            client => client.GetAsync(source.Path),
            client => client.GetAsync($"{source.Path}?hub.mode=subscribe&hub.verify_token=x&hub.challenge=1"),
        ];
        int[] expected = [400, 415, 413, 413, 404, 404, 404, 404, 404];

        foreach (var (call, status) in calls.Zip(expected))
        {
            using var client = Client(replica);
            using var response = await call(client);
            await response.ProblemAsync(status);
            response.AssertLimitHeaders();
            Assert.Equal((Limit, Limit - 1), (response.Number("X-RateLimit-Limit"), response.Number("X-RateLimit-Remaining")));
        }
    }

    [Fact]
    public async Task Blocked_address_is_refused_unread_unless_it_is_a_source()
    {
        var source = await CreateAsync(await api.Acme);
        await using var replica = Start();
        using var client = Client(replica);
        for (var i = 0; i <= Limit; i++)
            (await client.SendAsync(Unsigned(source.Path))).Dispose();

        foreach (var request in (HttpRequestMessage[])[Unsigned(source.Path), Signed(Nobodys)])
        {
            var content = new WatchedContent();
            request.Content = content;
            request.Headers.ExpectContinue = true;
            using var response = await client.SendAsync(request);
            await response.ProblemAsync(429);
            response.AssertLimitHeaders();
            Assert.InRange(response.Headers.RetryAfter!.Delta!.Value.TotalSeconds, 50, 60);
            Assert.False(content.IsSent);
        }
        await (await source.CallAsync(client, signature: "v1,x")).ProblemAsync(429);
        await TakenAsync(source.CallAsync(client));
        // Another address.
        using var other = Client(replica);
        await (await other.SendAsync(Unsigned(source.Path))).ProblemAsync(400);
    }

    [Fact]
    public async Task Good_calls_count_against_no_address()
    {
        var (one, other) = (await CreateAsync(await api.Acme, "meta"), await CreateAsync(await api.Globex));
        await using var replica = Start();
        using var client = Client(replica);

        for (var i = 0; i < Limit; i++)
        {
            await TakenAsync(one.CallMetaAsync(client, WhatsApp("4915112345678")));
            await TakenAsync(other.CallAsync(client));
        }
        using var confirmed = await client.GetAsync($"{one.Path}?hub.mode=subscribe&hub.verify_token={one.VerifyToken}&hub.challenge=1");
        using var refused = await client.SendAsync(Unsigned(one.Path));

        Assert.Equal(HttpStatusCode.OK, confirmed.StatusCode);
        Assert.StartsWith("\"webhooks\"", confirmed.Headers.GetValues("RateLimit-Policy").Single(), StringComparison.Ordinal);
        Assert.Equal(Limit - 1, refused.Number("X-RateLimit-Remaining"));
    }

    private WebApplicationFactory<Program> Start() => api.StartReplica(RateLimitSettings.With(("RateLimit:Anonymous", $"{Limit}")));

    /// <summary>With an address nobody else has, in this run or, the count being in Redis, in one just before.</summary>
    private static HttpClient Client(WebApplicationFactory<Program> replica)
    {
        var handler = new SocketsHttpHandler { Expect100ContinueTimeout = TimeSpan.FromSeconds(30) };
        var client = new HttpClient(handler) { BaseAddress = replica.ClientOptions.BaseAddress };
        client.DefaultRequestHeaders.Add(
            "X-Forwarded-For", $"198.18.{Random.Shared.Next(256)}.{Interlocked.Increment(ref _addresses)}");
        return client;
    }

    private static HttpRequestMessage Unsigned(string path) =>
        new(HttpMethod.Post, path) { Content = new StringContent("{}", new MediaTypeHeaderValue("application/json")) };

    private static HttpRequestMessage Signed(string path) => new(HttpMethod.Post, path)
    {
        Headers =
        {
            { "webhook-id", "msg_1" }, { "webhook-timestamp", $"{DateTimeOffset.UtcNow.ToUnixTimeSeconds()}" },
            { "webhook-signature", $"v1,{Convert.ToBase64String(new byte[32])}" },
        },
    };

    private static HttpRequestMessage Chunked(string path)
    {
        var request = Signed(path);
        request.Content = new StreamContent(new MemoryStream(new byte[300 * 1024])) { Headers = { ContentType = new("application/json") } };
        (request.Headers.TransferEncodingChunked, request.Headers.ExpectContinue) = (true, true);
        return request;
    }

    /// <summary>Of a length that a client only sends when the server asks for it.</summary>
    private sealed class WatchedContent : HttpContent
    {
        public WatchedContent() => Headers.ContentType = new("application/json");

        private const int Length = 8192;

        public bool IsSent { get; private set; }

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            IsSent = true;
            return stream.WriteAsync(new byte[Length]).AsTask();
        }

        protected override bool TryComputeLength(out long length)
        {
            length = Length;
            return true;
        }
    }
}
