namespace Platform.Api.Features.Webhooks;

internal sealed record ReceivedResponse(bool Received)
{
    public static readonly ReceivedResponse Yes = new(true);
}
