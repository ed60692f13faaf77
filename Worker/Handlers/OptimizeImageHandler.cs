using System.Security.Cryptography;
using Platform.Data.Images;
using Platform.Jobs;
using Platform.Worker.Images;

namespace Platform.Worker.Handlers;

/// <summary>
/// Makes of an uploaded picture the sizes that are shown, under the names of their hashes, and deletes the original. Every attempt may come twice:
/// only one completes an upload, and only while no later one has taken its place.
/// </summary>
internal sealed partial class OptimizeImageHandler(
    ImageStore store, IImageOptimizer optimizer, ImageNotices notices, ILogger<OptimizeImageHandler> logger)
    : IJobHandler<OptimizeImage>
{
    private const string Unusable = "The file is damaged, or no picture that can be shown.";

    private static readonly TimeSpan Elsewhere = TimeSpan.FromSeconds(30);

    public async Task<object?> RunAsync(OptimizeImage payload, JobContext context, CancellationToken cancellationToken)
    {
        var tenant = context.Tenant;
        if (await store.FindAsync(tenant, payload.UploadId, cancellationToken) is not { } image)
            return null; // Replaced or deleted.
        if (image.Status == ImageStatus.Completed)
            return Result(image); // An earlier attempt did it all and died before it could say so.
        if (image.Content is not { } content)
            throw new PermanentJobException("The file has been deleted already.");
        if (await optimizer.CheckAsync(cancellationToken) is not null)
            throw new SnoozeJobException(Elsewhere); // Another Worker may have what this machine lacks.
        try
        {
            var files = await optimizer.RunAsync(content, ImageKinds.TargetsOf(image.Kind), cancellationToken);
            var named = files.Select(file => (Convert.ToHexStringLower(SHA256.HashData(file.Content)), file)).ToList();
            if (!await store.CompleteAsync(tenant, image, named, cancellationToken))
                return null;
            await notices.TellAsync(tenant, image, ImageStatus.Completed);
            return Result(image);
        }
        catch (PictureException e)
        {
            LogUnusable(context.JobId, e.Message);
            await FailAsync(Unusable, keepOriginal: false);
            throw new PermanentJobException(Unusable, e);
        }
        catch (OperationCanceledException) when (context.IsCancelled)
        {
            await FailAsync(AbandonedUploads.Cancelled, keepOriginal: false);
            throw;
        }
        catch (Exception e) when (e is not OperationCanceledException && context.IsLastAttempt)
        {
            await FailAsync(AbandonedUploads.Failed, keepOriginal: true);
            throw;
        }

        async Task FailAsync(string error, bool keepOriginal)
        {
            if (await store.FailAsync(tenant, image, error, keepOriginal, CancellationToken.None))
                await notices.TellAsync(tenant, image, ImageStatus.Failed);
        }
    }

    private static object Result(UploadedImage image) => new { kind = image.Kind, ownerId = image.OwnerId };

    [LoggerMessage(6602, LogLevel.Information, "Job {JobId} was given a picture that can't be used: {Reason}")]
    private partial void LogUnusable(Guid jobId, string reason);
}
