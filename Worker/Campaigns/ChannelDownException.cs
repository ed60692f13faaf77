namespace Platform.Worker.Campaigns;

/// <summary>A channel takes nothing at the moment, whoever the recipient is.</summary>
/// <param name="message">A sentence for the tenant.</param>
internal sealed class ChannelDownException(string message, Exception? inner = null) : Exception(message, inner);
