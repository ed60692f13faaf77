namespace Platform.Worker.Images;

/// <param name="Kind">One of <see cref="Data.Images.ImageKinds"/>.</param>
/// <param name="Status">One of <see cref="Data.Images.ImageStatus"/>.</param>
/// <param name="Content">The file as it was uploaded; null once the job has ended for good.</param>
internal sealed record UploadedImage(Guid UploadId, string Kind, Guid OwnerId, string Status, byte[]? Content);
