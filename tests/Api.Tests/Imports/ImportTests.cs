using System.Net;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json;
using Platform.Data.Seed;

namespace Platform.Api.Tests.Imports;

[Collection(ApiTests.Name)]
[Trait("Req", "D1")]
public sealed class ImportTests(ApiFixture api)
{
    [Fact]
    public async Task Upload_stores_the_file_in_chunks_and_enqueues_the_job()
    {
        var rows = Enumerable.Range(0, 20_000).Select(i => $"Person {i};p{i}@example.com;\n");
        var file = Encoding.UTF8.GetBytes("name;email;phone\n" + string.Concat(rows));
        using var response = await UploadAsync(file, "Kontakte März.csv");
        var accepted = await response.JsonAsync(HttpStatusCode.Accepted);

        var (importId, jobId) = (accepted.GetProperty("importId").GetGuid(), accepted.GetProperty("jobId").GetGuid());
        Assert.Equal($"/api/jobs/{jobId}/status", response.Headers.Location!.ToString());
        var stored = await api.ScalarAsync<byte[]>(
            "SELECT string_agg(content, ''::bytea ORDER BY number) FROM import_chunks WHERE import_id = $1", importId);
        Assert.True(file.AsSpan().SequenceEqual(stored));
        Assert.Equal(
            256 * 1024,
            await api.ScalarAsync<int>("SELECT length(content) FROM import_chunks WHERE import_id = $1 AND number = 0", importId));

        var import = await (await (await api.Acme).GetAsync($"/api/imports/{importId}")).JsonAsync();
        Assert.Equal(("Kontakte März.csv", "queued"), (import.Text("fileName"), import.Text("status")));
        Assert.Equal(file.Length, import.GetProperty("totalBytes").GetInt64());
        var list = await (await (await api.Acme).GetAsync("/api/imports?limit=1")).JsonAsync();
        Assert.Equal(importId, list.GetProperty("data")[0].GetProperty("id").GetGuid());
        var job = await (await (await api.Acme).GetAsync(response.Headers.Location)).JsonAsync();
        Assert.Equal(("contacts.import", "imports", "available"), (job.Text("type"), job.Text("queue"), job.Text("state")));
    }

    public static TheoryData<string, byte[]> BadFiles => new()
    {
        { "empty", [] },
        { "UTF-16", [0xFF, 0xFE, .. Encoding.Unicode.GetBytes("name,email\nA,a@b.example\n")] },
        { "UTF-16", [0xFE, 0xFF, .. Encoding.BigEndianUnicode.GetBytes("name,email\nA,a@b.example\n")] },
        { "UTF-16", Encoding.Unicode.GetBytes("name,email\nA,a@b.example\n") },
        { "binary", [.. "name,email\n"u8, 0, 1, 2] },
        { "UTF-8", [.. "name,email\nJos"u8, 0xE9, .. ",a@b.example\n"u8] },
        { "UTF-8", [.. "name,email\nJos"u8, 0xC3] },
        { "UTF-8", [.. new byte[] { 0xED, 0xA0, 0x80 }, .. "name,email\n"u8] },
        { "workbook", "PK\u0003\u0004rest"u8.ToArray() },
        { "first line", "hello world, this is a letter\nand not a table\n"u8.ToArray() },
        { "first line", "Ada,ada@example.com\n"u8.ToArray() },
        { "first line", "name\nAda\n"u8.ToArray() },
        { "first line", "\n\n\n"u8.ToArray() },
        { "first line", Encoding.ASCII.GetBytes(new string('x', 200_000)) },
    };

    [Theory]
    [MemberData(nameof(BadFiles))]
    public async Task Upload_of_what_is_no_contact_file_is_422_and_leaves_nothing(string reason, byte[] file)
    {
        var before = await CountAsync();

        var problem = await (await UploadAsync(file)).ProblemAsync(422);

        Assert.Equal(["file"], problem.Fields());
        Assert.Contains(reason, problem.Text("detail"), StringComparison.Ordinal);
        Assert.Equal(before, await CountAsync());
    }

    [Theory]
    [InlineData("name,email\r\nA,a@b.example")]
    [InlineData("\uFEFFname;email;phone\nA;a@b.example;\n")]
    [InlineData("\n\r\n\"Name\",\"E-Mail\"\nA,a@b.example\n")]
    [InlineData("id,PHONE,Name\n1,+12025550100,A\n")]
    [InlineData("name,email")]
    public async Task Upload_with_a_usable_header_is_accepted(string text) =>
        await (await UploadAsync(Encoding.UTF8.GetBytes(text))).JsonAsync(HttpStatusCode.Accepted);

    [Fact]
    public async Task Upload_with_characters_cut_between_buffers_is_accepted()
    {
        // Three-byte characters at every offset against the buffers' ends.
        var rows = Enumerable.Range(0, 9000).Select(i => $"{new string('x', i % 3)}漢字かな交じり文𝒳,p{i}@example.com\n");
        await (await UploadAsync(Encoding.UTF8.GetBytes("name,email\n" + string.Concat(rows)))).JsonAsync(HttpStatusCode.Accepted);
    }

    [Fact]
    public async Task Upload_that_isnt_multipart_is_415()
    {
        using var content = new StringContent("name,email\n", Encoding.UTF8, "text/csv");
        using var response = await (await api.Acme).PostAsync("/api/imports", content);
        await response.ProblemAsync(415);
    }

    [Fact]
    public async Task Upload_without_file_field_is_400()
    {
        using var form = new MultipartFormDataContent { { new StringContent("x"), "other" } };
        using var response = await (await api.Acme).PostAsync("/api/imports", form);
        await response.ProblemAsync(400);
    }

    [Theory]
    [InlineData("no boundary in here")]
    [InlineData("--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"x.csv\"\r\n\r\nname,email\r\ncut short")]
    [InlineData("--b\r\ngarbage without colon\r\n\r\n")]
    [InlineData("")]
    public async Task Upload_with_a_broken_envelope_is_400(string body)
    {
        using var content = new StringContent(body);
        content.Headers.ContentType = MediaTypeHeaderValue.Parse("multipart/form-data; boundary=b");
        using var response = await (await api.Acme).PostAsync("/api/imports", content);
        await response.ProblemAsync(400);
    }

    [Fact]
    public async Task Rejected_rows_come_as_csv_that_no_spreadsheet_executes()
    {
        using var upload = await UploadAsync("name,email\n"u8.ToArray(), "../../etc/päss\"wd.csv");
        var importId = (await upload.JsonAsync(HttpStatusCode.Accepted)).GetProperty("importId").GetGuid();
        await api.ScalarAsync<long>(
            """
            INSERT INTO import_rejections (tenant_id, import_id, row_number, line, reason)
            VALUES ($1, $2, 3, '=cmd|'' /C calc''!A0,x', 'The e-mail address isn''t valid.'),
                   ($1, $2, 1, E'"two\nlines",é', 'Say "why", please')
            RETURNING row_number
            """,
            DemoAccounts.Acme, importId);

        using var response = await (await api.Acme).GetAsync($"/api/imports/{importId}/rejected.csv");
        var csv = await response.Content.ReadAsByteArrayAsync();

        Assert.Equal("text/csv", response.Content.Headers.ContentType!.MediaType);
        Assert.Equal("attachment", response.Content.Headers.ContentDisposition!.DispositionType);
        Assert.Equal(
            "\uFEFFrow,reason,line\r\n" +
            "1,\"Say \"\"why\"\", please\",\"\"\"two\nlines\"\",é\"\r\n" +
            "3,\"The e-mail address isn't valid.\",\"'=cmd|' /C calc'!A0,x\"\r\n",
            Encoding.UTF8.GetString(csv));
        var list = await (await (await api.Acme).GetAsync($"/api/imports/{importId}/rejections")).JsonAsync();
        Assert.Equal([1L, 3L], list.GetProperty("data").EnumerateArray().Select(row => row.GetProperty("rowNumber").GetInt64()));
    }

    [Fact]
    [Trait("Req", "D3")]
    public async Task Rejected_rows_are_paged_by_number_and_by_cursor()
    {
        using var upload = await UploadAsync("name,email\n"u8.ToArray(), "paged.csv");
        var importId = (await upload.JsonAsync(HttpStatusCode.Accepted)).GetProperty("importId").GetGuid();
        await api.ScalarAsync<long>(
            """
            WITH counted AS (UPDATE imports SET rejected = 5 WHERE id = $2)
            INSERT INTO import_rejections (tenant_id, import_id, row_number, line, reason)
            SELECT $1, $2, n * 3, 'x', 'x' FROM generate_series(1, 5) n RETURNING row_number
            """,
            DemoAccounts.Acme, importId);
        var (rows, query) = (new List<long>(), "");
        do
        {
            var page = await (await (await api.Acme).GetAsync($"/api/imports/{importId}/rejections?limit=2{query}")).JsonAsync();
            rows.AddRange(page.GetProperty("data").EnumerateArray().Select(row => row.GetProperty("rowNumber").GetInt64()));
            var pagination = page.GetProperty("pagination");
            Assert.Equal(query.Length == 0 ? 5 : (long?)null, pagination.GetProperty("total").Deserialize<long?>());
            query = $"&cursor={pagination.GetProperty("nextCursor").GetString()}";
        }
        while (query.Length > "&cursor=".Length);
        var second = await (await (await api.Acme).GetAsync($"/api/imports/{importId}/rejections?limit=2&page=2")).JsonAsync();

        Assert.Equal([3, 6, 9, 12, 15], rows);
        Assert.Equal([9L, 12L], second.GetProperty("data").EnumerateArray().Select(row => row.GetProperty("rowNumber").GetInt64()));
        // Of this import alone.
        using var other = await UploadAsync("name,email\n"u8.ToArray(), "other.csv");
        var otherId = (await other.JsonAsync(HttpStatusCode.Accepted)).Text("importId");
        var first = await (await (await api.Acme).GetAsync($"/api/imports/{importId}/rejections?limit=2")).JsonAsync();
        await (await (await api.Acme).GetAsync(
            $"/api/imports/{otherId}/rejections?cursor={first.GetProperty("pagination").Text("nextCursor")}")).ProblemAsync(400);
    }

    private async Task<HttpResponseMessage> UploadAsync(byte[] file, string name = "contacts.csv")
    {
        using var content = new ByteArrayContent(file);
        content.Headers.ContentDisposition = new ContentDispositionHeaderValue("form-data") { Name = "file", FileNameStar = name };
        using var form = new MultipartFormDataContent { content };
        return await (await api.Acme).PostAsync("/api/imports", form);
    }

    private Task<long> CountAsync() => api.ScalarAsync<long>(
        """
        SELECT (SELECT count(*) FROM imports)
             + 1000000 * (SELECT count(*) FROM import_chunks c WHERE NOT EXISTS (SELECT FROM imports i WHERE i.id = c.import_id))
        """);
}
