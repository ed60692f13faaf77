using Platform.Api.Http;
using Platform.Data.Images;

namespace Platform.Api.Features.Images;

/// <param name="Status">Of the last upload: queued, completed or failed. What was shown before it stays until it is completed.</param>
/// <param name="Error">Why the last upload can't be shown.</param>
/// <param name="JobId">The last upload's job.</param>
/// <param name="Files">What is shown, smallest first; none until a first upload is completed.</param>
internal sealed record ImageResponse(
    string Status, string? Error, Guid JobId, IReadOnlyList<ImageFileResponse> Files, DateTimeOffset UpdatedAt, long Version) : IVersioned
{
    // Everybody's own has the same address: the first version of one must not pass for that of another.
    bool IVersioned.IsComposed => true;

    public static ImageResponse From(Image image, IReadOnlyList<ImageFileResponse> files) =>
        new(image.Status, image.Error, image.JobId, files, image.UpdatedAt, image.Version);
}

/// <param name="Size">The longer side it was made for, in pixels.</param>
/// <param name="Url">Its address, which changes whenever the picture does.</param>
internal sealed record ImageFileResponse(int Size, int Width, int Height, int Bytes, string Url);

internal sealed record ImageAccepted(Guid JobId);
