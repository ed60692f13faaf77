using Microsoft.AspNetCore.WebUtilities;
using Platform.Api.Http;

namespace Platform.Api.Features.Imports;

/// <summary>A checked upload, kept in memory while it is small and in a temporary file beyond; gone when disposed.</summary>
internal sealed class UploadedFile(string name, long length, byte[]? hash, FileBufferingReadStream content) : IAsyncDisposable
{
    public string Name { get; } = name;

    /// <summary>Bytes.</summary>
    public long Length { get; } = length;

    /// <summary>SHA-256 of the content; null without an <see cref="Idempotency.Header"/>.</summary>
    public byte[]? Hash { get; } = hash;

    /// <summary>From the beginning.</summary>
    public Stream OpenRead()
    {
        content.Position = 0;
        return content;
    }

    public ValueTask DisposeAsync() => content.DisposeAsync();
}
