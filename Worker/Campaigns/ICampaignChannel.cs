namespace Platform.Worker.Campaigns;

/// <summary>A way to send campaigns' messages. To add one, register it; the first that serves a campaign's channel is used.</summary>
internal interface ICampaignChannel
{
    /// <param name="channel">One of <see cref="Data.Conversations.Channels"/>.</param>
    bool Serves(string channel);

    /// <summary>Why it can't send anything as it is configured; null when it can.</summary>
    string? Lack { get; }

    /// <exception cref="ChannelDownException">It takes nothing at the moment.</exception>
    Task<ICampaignSession> OpenAsync(CancellationToken cancellationToken);
}
