using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Platform.Api.Tests.Imports;

[Collection(ApiTests.Name)]
[Trait("Req", "J4")]
public sealed class UploadLimitTests(ApiFixture api)
{
    private static readonly byte[] FileStart =
        "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"x.csv\"\r\n\r\nname,email\nA,a@b.example\n"u8.ToArray();

    [Fact]
    public async Task Upload_of_200_megabytes_is_refused_at_once_by_its_length()
    {
        var before = await CountAsync();
        using var socket = await ConnectAsync($"Content-Length: {200 * 1024 * 1024}");

        // Not a byte of the body is sent, and the answer comes all the same.
        var (status, body) = await ReadAnswerAsync(socket);

        Assert.Equal(413, status);
        Assert.Contains("50 MB", body, StringComparison.Ordinal);
        Assert.Equal(before, await CountAsync());
    }

    [Fact]
    public async Task Upload_of_200_megabytes_in_chunks_is_refused_with_flat_memory()
    {
        var before = await CountAsync();
        GC.Collect();
        var memory = GC.GetTotalMemory(forceFullCollection: true);
        using var socket = await ConnectAsync("Transfer-Encoding: chunked");
        var stream = socket.GetStream();
        await WriteChunkAsync(stream, FileStart);
        var block = Encoding.ASCII.GetBytes(string.Concat(Enumerable.Repeat("Person,person@example.com\n", 40_000)));
        long sent = 0, peak = 0;
        try
        {
            while (sent < 200L * 1024 * 1024 && !stream.DataAvailable)
            {
                await WriteChunkAsync(stream, block);
                sent += block.Length;
                peak = Math.Max(peak, GC.GetTotalMemory(forceFullCollection: false) - memory);
            }
        }
        catch (IOException)
        {
            // The server stopped listening to us, as it should; its answer is still to be read.
        }
        var (status, _) = await ReadAnswerAsync(socket);

        Assert.Equal(413, status);
        Assert.InRange(sent, 50L * 1024 * 1024, 100L * 1024 * 1024);
        Assert.InRange(peak, 0, 40L * 1024 * 1024);
        Assert.Equal(before, await CountAsync());
    }

    [Fact]
    public async Task Upload_of_200_megabytes_by_a_client_that_sends_it_all_is_413()
    {
        using var content = new StreamContent(new EndlessStream(200L * 1024 * 1024));
        using var form = new MultipartFormDataContent { { content, "file", "big.csv" } };
        using var response = await (await api.Acme).PostAsync("/api/imports", form);

        await response.ProblemAsync(413);
    }

    [Fact]
    public async Task Upload_cut_off_in_the_middle_leaves_nothing()
    {
        var before = await CountAsync();
        using (var socket = await ConnectAsync("Content-Length: 1000000"))
            await socket.GetStream().WriteAsync(FileStart);

        using var form = new MultipartFormDataContent { { new ByteArrayContent("name,email\n"u8.ToArray()), "file", "x.csv" } };
        await (await (await api.Acme).PostAsync("/api/imports", form)).JsonAsync(HttpStatusCode.Accepted);
        Assert.Equal(before + 1, await CountAsync());
    }

    /// <summary>So many bytes of text, made as they are read.</summary>
    private sealed class EndlessStream(long length) : Stream
    {
        public override bool CanRead => true;
        public override bool CanSeek => true;
        public override bool CanWrite => false;
        public override long Length => length;
        public override long Position { get; set; }

        public override int Read(byte[] buffer, int offset, int count)
        {
            var read = (int)Math.Min(count, length - Position);
            buffer.AsSpan(offset, read).Fill((byte)'x');
            Position += read;
            return read;
        }

        public override long Seek(long offset, SeekOrigin origin) => Position = offset;
        public override void Flush() => throw new NotSupportedException();
        public override void SetLength(long value) => throw new NotSupportedException();
        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();
    }

    private Task<long> CountAsync() => api.ScalarAsync<long>(
        """
        SELECT (SELECT count(*) FROM imports)
             + 1000000 * (SELECT count(*) FROM import_chunks c WHERE NOT EXISTS (SELECT FROM imports i WHERE i.id = c.import_id))
        """);

    private async Task<TcpClient> ConnectAsync(string framing)
    {
        var client = new TcpClient { NoDelay = true, ReceiveTimeout = 10_000 };
        await client.ConnectAsync("127.0.0.1", api.BaseAddress.Port);
        var token = (await api.Acme).DefaultRequestHeaders.Authorization!.Parameter;
        await client.GetStream().WriteAsync(Encoding.ASCII.GetBytes(
            $"POST /api/imports HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n" +
            $"Content-Type: multipart/form-data; boundary=b\r\n{framing}\r\n\r\n"));
        return client;
    }

    private static async Task WriteChunkAsync(NetworkStream stream, byte[] bytes)
    {
        await stream.WriteAsync(Encoding.ASCII.GetBytes($"{bytes.Length:x}\r\n"));
        await stream.WriteAsync(bytes);
        await stream.WriteAsync("\r\n"u8.ToArray());
    }

    private static async Task<(int Status, string Body)> ReadAnswerAsync(TcpClient client)
    {
        using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        var received = new StringBuilder();
        var buffer = new byte[8192];
        try
        {
            while (!received.ToString().Contains("traceId", StringComparison.Ordinal))
            {
                var read = await client.GetStream().ReadAsync(buffer, deadline.Token);
                if (read == 0)
                    break;
                received.Append(Encoding.UTF8.GetString(buffer, 0, read));
            }
        }
        catch (IOException) when (received.Length > 0)
        {
            // Reset after the answer.
        }
        var text = received.ToString();
        return (int.Parse(text.Split(' ')[1], CultureInfo.InvariantCulture), text);
    }
}
