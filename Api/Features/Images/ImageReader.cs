using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Options;
using Platform.Api.Http;
using Platform.Data.Images;

namespace Platform.Api.Features.Images;

/// <summary>
/// Takes a picture in and says at once what can't be one. It reads the header and decodes nothing: that is left to a process of the
/// Worker's that may fail.
/// </summary>
internal sealed class ImageReader(IOptions<ImageOptions> options, TimeProvider time)
{
    private const int FirstBytes = 64 * 1024;

    public async Task<(byte[]? Content, ProblemResult? Problem)> ReadAsync(HttpContext context, CancellationToken cancellationToken)
    {
        // The server's own limit is one for requests of all kinds, and would cut the connection instead of answering.
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } size)
            size.MaxRequestBodySize = null;
        var limit = options.Value.MaxBytes;
        if (context.Request.ContentLength > limit)
            return (null, TooLarge(limit));
        using var deadline = new CancellationTokenSource(options.Value.UploadTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, deadline.Token);
        byte[]? content;
        try
        {
            content = await ReadAsync(context.Request, limit, either.Token);
        }
        catch (OperationCanceledException) when (deadline.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            return (null, new ProblemResult(StatusCodes.Status408RequestTimeout, "The upload took too long."));
        }
        return content is null ? (null, TooLarge(limit)) : Check(content) is { } problem ? (null, problem) : (content, null);
    }

    private ProblemResult? Check(byte[] content)
    {
        if (ImageHeader.FormatOf(content) is null)
            return Problems.UnsupportedMediaType("Send a picture as PNG, JPEG or WebP: the body is the file.");
        if (ImageHeader.Read(content) is not { } header)
            return Problems.Invalid("file", "The file is damaged: it doesn't say how large the picture is.");
        return header.Pixels > options.Value.MaxPixels
            ? Problems.Invalid("file", $"The picture has {header.Width} × {header.Height} pixels. At most {options.Value.MaxPixels:N0} are allowed.")
            : null;
    }

    /// <returns>Null when it is larger than it may be.</returns>
    private static async Task<byte[]?> ReadAsync(HttpRequest request, int limit, CancellationToken cancellationToken)
    {
        // Memory is taken as bytes come, not as many as the client says will come.
        using var content = new MemoryStream(FirstBytes);
        var buffer = new byte[FirstBytes];
        for (int read; (read = await request.Body.ReadAsync(buffer, cancellationToken)) > 0;)
        {
            if (content.Length + read > limit)
                return null;
            content.Write(buffer, 0, read);
        }
        return content.ToArray();
    }

    private static ProblemResult TooLarge(int limit) => Problems.TooLarge($"The file is larger than {limit / (1024.0 * 1024):0.##} MB.");
}
