namespace Platform.Data.Images;

/// <summary>What <c>images.status</c> may be: of the last upload. What was shown before it stays until it is completed.</summary>
public static class ImageStatus
{
    public const string Queued = "queued";
    public const string Completed = "completed";
    public const string Failed = "failed";
}
