using System.Diagnostics;
using System.Net;
using System.Net.Http.Json;
using System.Text;
using System.Text.Json;
using Platform.Data.Seed;
using Platform.Testing;

namespace Platform.Web.Tests.Hosting;

[Collection(PlatformTests.Name)]
[Trait("Req", "H1")]
public sealed class TransferTests(PlatformStack stack)
{
    [Fact]
    public async Task Upload_file_is_imported_and_its_rejected_rows_come_back()
    {
        using var visitor = stack.CreateVisitor();
        await visitor.SignedInAsync(DemoAccounts.AcmeAdmin);
        var mark = Guid.NewGuid().ToString("N")[..8];

        using var answer = await UploadAsync(visitor, $"name,email,phone\nTransfer {mark},{mark}@example.com,\nNo Address,not-an-address,\n");
        Assert.Equal(HttpStatusCode.Accepted, answer.StatusCode);
        var import = (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("importId").GetGuid();

        await Eventually.TrueAsync(
            async () => (await visitor.GetStringAsync($"/import/{import}")).Contains("data-testid=\"import-result\"", StringComparison.Ordinal),
            TimeSpan.FromSeconds(30));
        Assert.Contains("E-mail address isn&#x27;t valid", await visitor.GetStringAsync($"/import/{import}"), StringComparison.Ordinal);
        Assert.Contains($"Transfer {mark}", await visitor.GetStringAsync($"/contacts?q={mark}"), StringComparison.Ordinal);

        using var rejected = await visitor.GetAsync($"/import/transfer/{import}/rejected.csv");
        Assert.Equal("text/csv", rejected.Content.Headers.ContentType!.MediaType);
        Assert.Equal("attachment", rejected.Content.Headers.ContentDisposition!.DispositionType);
        Assert.Contains("not-an-address", await rejected.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    [Trait("Req", "B4")]
    public async Task Download_other_tenants_rejected_rows_is_not_found()
    {
        using var acme = stack.CreateVisitor();
        await acme.SignedInAsync(DemoAccounts.AcmeAdmin);
        using var answer = await UploadAsync(acme, "name,email,phone\nNo Address,not-an-address,\n");
        var import = (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("importId").GetGuid();
        using var globex = stack.CreateVisitor();
        await globex.SignedInAsync(DemoAccounts.GlobexAdmin);

        using var rejected = await globex.GetAsync($"/import/transfer/{import}/rejected.csv");

        Assert.Equal(HttpStatusCode.NotFound, rejected.StatusCode);
    }

    [Fact]
    public async Task Upload_that_isnt_a_contact_file_is_explained()
    {
        using var visitor = stack.CreateVisitor();
        await visitor.SignedInAsync(DemoAccounts.AcmeAdmin);

        using var answer = await UploadAsync(visitor, "this,is\nnot,it\n");

        Assert.Equal(HttpStatusCode.UnprocessableEntity, answer.StatusCode);
        Assert.Equal("application/problem+json", answer.Content.Headers.ContentType!.MediaType);
    }

    [Fact]
    public async Task Upload_larger_than_allowed_is_refused_before_it_is_read()
    {
        using var visitor = stack.CreateVisitor();
        await visitor.SignedInAsync(DemoAccounts.AcmeAdmin);
        using var request = new HttpRequestMessage(HttpMethod.Post, "/import/transfer") { Content = new Declared(200L * 1024 * 1024) };
        request.Headers.Add("RequestVerificationToken", await TokenAsync(visitor));
        request.Headers.ExpectContinue = true;

        using var answer = await visitor.SendAsync(request);

        Assert.Equal(HttpStatusCode.RequestEntityTooLarge, answer.StatusCode);
    }

    [Fact]
    public async Task Upload_without_antiforgery_header_is_refused()
    {
        using var visitor = stack.CreateVisitor();
        await visitor.SignedInAsync(DemoAccounts.AcmeAdmin);

        using var answer = await UploadAsync(visitor, "name,email\nA,a@b.example\n", token: "");

        Assert.Equal(HttpStatusCode.BadRequest, answer.StatusCode);
    }

    [Fact]
    public async Task Upload_when_anonymous_is_unauthorized()
    {
        using var visitor = stack.CreateVisitor();

        using var answer = await UploadAsync(visitor, "name,email\nA,a@b.example\n", token: "x");

        Assert.Equal(HttpStatusCode.Unauthorized, answer.StatusCode);
    }

    [Fact]
    [Trait("Req", "I2")]
    public async Task Transfer_is_one_trace_from_here_through_the_api()
    {
        using var visitor = stack.CreateVisitor();
        await visitor.SignedInAsync(DemoAccounts.AcmeAdmin);
        using var traces = new TraceRecorder();
        var trace = ActivityTraceId.CreateRandom();
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/import/transfer/{Guid.NewGuid()}/rejected.csv");
        request.Headers.Add("traceparent", $"00-{trace}-{ActivitySpanId.CreateRandom()}-01");

        using var answer = await visitor.SendAsync(request);

        Assert.Equal(trace.ToString(), (await answer.Content.ReadFromJsonAsync<JsonElement>()).GetProperty("traceId").GetString());
        Assert.Contains(traces.Finished, span => span.Name == "imports.rejected" && span.Trace == trace.ToString());
    }

    private static async Task<string> TokenAsync(HttpClient visitor) => Visitor.AntiforgeryTokenIn(await visitor.GetStringAsync("/import"));

    private static async Task<HttpResponseMessage> UploadAsync(HttpClient visitor, string file, string? token = null)
    {
        using var form = new MultipartFormDataContent { { new ByteArrayContent(Encoding.UTF8.GetBytes(file)), "file", "contacts.csv" } };
        using var request = new HttpRequestMessage(HttpMethod.Post, "/import/transfer") { Content = form };
        request.Headers.TryAddWithoutValidation("RequestVerificationToken", token ?? await TokenAsync(visitor));
        return await visitor.SendAsync(request);
    }

    /// <summary>Says how much is coming; nobody should ask for it.</summary>
    private sealed class Declared : HttpContent
    {
        private readonly long _length;

        public Declared(long length)
        {
            _length = length;
            Headers.TryAddWithoutValidation("Content-Type", "multipart/form-data; boundary=x");
        }

        protected override Task SerializeToStreamAsync(Stream stream, TransportContext? context) =>
            throw new InvalidOperationException("The body was asked for.");

        protected override bool TryComputeLength(out long length)
        {
            length = _length;
            return true;
        }
    }
}
