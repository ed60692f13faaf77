using System.Buffers;
using System.Security.Cryptography;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Extensions.Options;
using Microsoft.Net.Http.Headers;
using Platform.Api.Http;
using Platform.Data.Imports;

namespace Platform.Api.Features.Imports;

/// <summary>
/// Takes a multipart upload in, a buffer at a time. The file goes to disk and not straight to the database: a client that
/// sends slowly must hold neither a connection nor a transaction, and a file that turns out bad must leave nothing behind.
/// </summary>
internal sealed class UploadReader(IOptions<ImportOptions> options, TimeProvider time)
{
    /// <summary>Bytes the multipart envelope may add to the file: boundaries, headers, other small fields.</summary>
    private const long EnvelopeBytes = 64 * 1024;

    private const int BufferSize = 64 * 1024, MaxSections = 10, MaxFileNameLength = 255;

    public async Task<(UploadedFile? File, ProblemResult? Problem)> ReadAsync(HttpContext context, CancellationToken cancellationToken)
    {
        var limit = options.Value.MaxBytes;
        if (!MediaTypeHeaderValue.TryParse(context.Request.ContentType, out var type)
            || !type.MediaType.Equals("multipart/form-data", StringComparison.OrdinalIgnoreCase)
            || HeaderUtilities.RemoveQuotes(type.Boundary) is not { Length: > 0 and <= 200 } boundary)
        {
            return (null, Problems.UnsupportedMediaType("Send the file as multipart/form-data, in the field 'file'."));
        }
        // The server's own limit would cut the connection while the client is still sending, and many clients then report
        // a broken pipe instead of the answer. The limits here apply instead; after the answer the server reads on for a
        // few seconds and throws away what comes.
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
            size.MaxRequestBodySize = null;
        if (context.Request.ContentLength > limit + EnvelopeBytes)
            return (null, TooLarge(limit));

        // Only who may repeat the request needs the hash, and it comes with the reading: the file isn't read again for it.
        using var hash = context.Request.Headers.ContainsKey(Idempotency.Header)
            ? IncrementalHash.CreateHash(HashAlgorithmName.SHA256)
            : null;
        using var deadline = new CancellationTokenSource(options.Value.UploadTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        try
        {
            return await ReadSectionsAsync(new MultipartReader(boundary.ToString(), context.Request.Body, BufferSize), limit, hash, either.Token);
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            return (null, new ProblemResult(StatusCodes.Status408RequestTimeout, "The upload took too long."));
        }
        catch (Exception exception) when (exception is InvalidDataException or IOException and not BadHttpRequestException)
        {
            // MultipartReader's ways of saying that the envelope is broken or cut short.
            return (null, Problems.BadRequest("The multipart body is malformed or incomplete."));
        }
    }

    private static async Task<(UploadedFile? File, ProblemResult? Problem)> ReadSectionsAsync(
        MultipartReader reader, long limit, IncrementalHash? hash, CancellationToken cancellationToken)
    {
        for (var i = 0; i < MaxSections && await reader.ReadNextSectionAsync(cancellationToken) is { } section; i++)
        {
            if (ContentDispositionHeaderValue.TryParse(section.ContentDisposition, out var disposition)
                && disposition.IsFileDisposition()
                && HeaderUtilities.RemoveQuotes(disposition.Name).Equals("file", StringComparison.OrdinalIgnoreCase))
            {
                return await ReadFileAsync(section.Body, FileName(disposition), limit, hash, cancellationToken);
            }
            if (!await SkipAsync(section.Body, cancellationToken))
                break;
        }
        return (null, Problems.BadRequest("The multipart body has no file in the field 'file'."));
    }

    private static async Task<(UploadedFile? File, ProblemResult? Problem)> ReadFileAsync(
        Stream body, string name, long limit, IncrementalHash? hash, CancellationToken cancellationToken)
    {
        var content = new FileBufferingReadStream(body, ImportFile.ChunkSize);
        var kept = false;
        var buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            var inspector = new CsvInspector();
            string? complaint;
            for (int read; (read = await content.ReadAsync(buffer, cancellationToken)) > 0;)
            {
                complaint = inspector.Add(buffer.AsSpan(0, read));
                if (complaint is not null)
                    return (null, Problems.Invalid("file", complaint));
                if (inspector.Length > limit)
                    return (null, TooLarge(limit));
                hash?.AppendData(buffer, 0, read);
            }
            complaint = inspector.Complete();
            if (complaint is not null)
                return (null, Problems.Invalid("file", complaint));
            kept = true;
            return (new UploadedFile(name, inspector.Length, hash?.GetHashAndReset(), content), null);
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
            if (!kept)
                await content.DisposeAsync();
        }
    }

    /// <returns>Whether the section was as small as fields beside a file are.</returns>
    private static async Task<bool> SkipAsync(Stream body, CancellationToken cancellationToken)
    {
        var buffer = new byte[4096];
        long total = 0;
        for (int read; (read = await body.ReadAsync(buffer, cancellationToken)) > 0;)
        {
            if ((total += read) > EnvelopeBytes)
                return false;
        }
        return true;
    }

    private static ProblemResult TooLarge(long limit) =>
        Problems.TooLarge($"The file is larger than {limit / (1024 * 1024)} MB. Split it and import the parts.");

    /// <summary>Only for people to read: without folders and characters that could be anything but a name.</summary>
    private static string FileName(ContentDispositionHeaderValue disposition)
    {
        var field = disposition.FileNameStar.HasValue ? disposition.FileNameStar : disposition.FileName;
        var given = HeaderUtilities.RemoveQuotes(field).ToString();
        var name = given[(given.LastIndexOfAny(['/', '\\']) + 1)..];
        name = string.Concat(name.Where(character => !char.IsControl(character) && !char.IsSurrogate(character))).Trim();
        return name.Length switch
        {
            0 => "contacts.csv",
            > MaxFileNameLength => name[^MaxFileNameLength..],
            _ => name,
        };
    }
}
