namespace Platform.Worker.Campaigns;

/// <summary>A channel in use, for one message after the other.</summary>
internal interface ICampaignSession : IAsyncDisposable
{
    /// <exception cref="ChannelDownException">The session is over; the message may have been taken all the same.</exception>
    Task<SendResult> SendAsync(CampaignMessage message, CancellationToken cancellationToken);
}
