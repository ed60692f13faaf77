using Platform.Jobs;

namespace Platform.Data.Images;

/// <summary>The job that makes an upload what is shown.</summary>
/// <param name="UploadId">The upload; one that another has replaced meanwhile is nothing to do.</param>
[Job(JobType, Queue = JobQueues.Images, MaxAttempts = 3, TimeoutSeconds = 60, Json = typeof(JobPayloads))]
public sealed record OptimizeImage(Guid UploadId)
{
    public const string JobType = "images.optimize";
}
