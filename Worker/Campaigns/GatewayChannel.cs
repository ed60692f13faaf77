using System.Diagnostics;
using System.Net;
using System.Text.Json;
using Microsoft.Extensions.Options;
using Platform.Data.Conversations;
using Platform.Worker.OutgoingWebhooks;

namespace Platform.Worker.Campaigns;

/// <summary>
/// Hands messages to the operator's gateway, as Standard Webhooks calls. The gateway is the operator's own, so it may be on a private network.
/// </summary>
internal sealed class GatewayChannel(IOptions<CampaignOptions> options, TimeProvider time) : ICampaignChannel, IDisposable
{
    private readonly HttpMessageInvoker _client = new(new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        ActivityHeadersPropagator = DistributedContextPropagator.CreateNoOutputPropagator(),
        ConnectTimeout = TimeSpan.FromSeconds(5),
        PooledConnectionLifetime = TimeSpan.FromMinutes(2),
    });

    public string? Lack => options.Value.WebhookUrl.Length > 0 ? null : "The channel isn't configured: Campaigns:WebhookUrl is not set.";

    public bool Serves(string channel) => channel != Channels.Email;

    public Task<ICampaignSession> OpenAsync(CancellationToken cancellationToken) => Task.FromResult<ICampaignSession>(new Session(this));

    public void Dispose() => _client.Dispose();

    private async Task<SendResult> SendAsync(CampaignMessage message, CancellationToken cancellationToken)
    {
        var now = time.GetUtcNow();
        var body = JsonSerializer.Serialize(
            new
            {
                type = "campaign.message",
                timestamp = now.UtcDateTime,
                data = new
                {
                    message.Id, message.CampaignId, message.ContactId, message.Channel, message.Address, message.Name, message.Subject, message.Text,
                    message.UnsubscribeUrl,
                },
            },
            JsonSerializerOptions.Web);
        using var request = StandardWebhook.Create(new Uri(options.Value.WebhookUrl), message.Id, now, body, [options.Value.WebhookSecret]);
        using var timeout = new CancellationTokenSource(options.Value.WebhookTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, timeout.Token);
        try
        {
            using var response = await _client.SendAsync(request, either.Token);
            return response.StatusCode switch
            {
                _ when response.IsSuccessStatusCode => SendResult.Sent,
                HttpStatusCode.BadRequest or HttpStatusCode.Gone or HttpStatusCode.RequestEntityTooLarge or HttpStatusCode.UnprocessableEntity =>
                    SendResult.Refused($"The gateway refused the message ({(int)response.StatusCode})."),
                HttpStatusCode.Locked => SendResult.Deferred("The gateway can't reach the recipient for now (423)."),
                var other => throw new ChannelDownException($"The gateway answered {(int)other}."),
            };
        }
        catch (OperationCanceledException e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new ChannelDownException("The gateway didn't answer in time.", e);
        }
        catch (HttpRequestException e)
        {
            throw new ChannelDownException("The gateway can't be reached.", e);
        }
    }

    private sealed class Session(GatewayChannel channel) : ICampaignSession
    {
        public Task<SendResult> SendAsync(CampaignMessage message, CancellationToken cancellationToken) =>
            channel.SendAsync(message, cancellationToken);

        // Calls share connections: there is nothing to end.
        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
