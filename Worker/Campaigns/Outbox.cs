namespace Platform.Worker.Campaigns;

/// <summary>A channel's session, opened when it is needed, and once more when one that has worked is over: servers end long ones.</summary>
internal sealed class Outbox(ICampaignChannel channel) : IAsyncDisposable
{
    private ICampaignSession? _session;
    private bool _hasWorked;

    /// <summary>Whether any message got an answer.</summary>
    public bool HasSent { get; private set; }

    /// <exception cref="ChannelDownException">The channel takes nothing at the moment.</exception>
    public async Task<SendResult> SendAsync(CampaignMessage message, CancellationToken cancellationToken)
    {
        while (true)
        {
            _session ??= await channel.OpenAsync(cancellationToken);
            try
            {
                var result = await _session.SendAsync(message, cancellationToken);
                HasSent = _hasWorked = true;
                return result;
            }
            catch (ChannelDownException)
            {
                await DisposeAsync();
                if (!_hasWorked)
                    throw;
                _hasWorked = false;
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_session is { } session)
            await session.DisposeAsync();
        _session = null;
    }
}
