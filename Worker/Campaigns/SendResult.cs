namespace Platform.Worker.Campaigns;

/// <summary>What a channel made of one message.</summary>
/// <param name="Error">A sentence for the tenant, without the recipient's address; null when it was taken.</param>
/// <param name="MayBeTriedAgain">Whether the recipient may be reached later.</param>
internal sealed record SendResult(string? Error, bool MayBeTriedAgain)
{
    public static readonly SendResult Sent = new(null, false);

    public bool IsSent => Error is null;

    public static SendResult Refused(string error) => new(error, false);

    public static SendResult Deferred(string error) => new(error, true);
}
