using Microsoft.Extensions.Options;
using Platform.Data.Conversations;
using Platform.Worker.Email;

namespace Platform.Worker.Campaigns;

/// <summary>Sends by SMTP, over one connection.</summary>
internal sealed class EmailChannel(IOptions<EmailOptions> options, TimeProvider time) : ICampaignChannel
{
    public string? Lack => options.Value.IsConfigured ? null : "E-mail isn't configured: Email:Host is not set.";

    public bool Serves(string channel) => channel == Channels.Email;

    public async Task<ICampaignSession> OpenAsync(CancellationToken cancellationToken)
    {
        try
        {
            return new Session(await SmtpConnection.OpenAsync(options.Value, time, cancellationToken));
        }
        catch (SmtpException e)
        {
            throw new ChannelDownException(e.Message, e);
        }
    }

    private sealed class Session(SmtpConnection connection) : ICampaignSession
    {
        public async Task<SendResult> SendAsync(CampaignMessage message, CancellationToken cancellationToken)
        {
            try
            {
                await connection.SendAsync(
                    new EmailMessage(message.Id, message.Address, message.Name, message.Subject, message.Text, message.UnsubscribeUrl),
                    cancellationToken);
                return Count(SendResult.Sent, "sent");
            }
            catch (FormatException e)
            {
                return Count(SendResult.Refused(e.Message), "refused");
            }
            catch (SmtpException e) when (!e.IsConnection)
            {
                return e.IsPermanent ? Count(SendResult.Refused(e.Message), "refused") : Count(SendResult.Deferred(e.Message), "failed");
            }
            catch (SmtpException e)
            {
                throw new ChannelDownException(e.Message, e);
            }
        }

        public ValueTask DisposeAsync() => connection.DisposeAsync();

        private static SendResult Count(SendResult result, string outcome)
        {
            WorkerTelemetry.Emailed(outcome);
            return result;
        }
    }
}
