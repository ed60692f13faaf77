using System.Globalization;
using Microsoft.AspNetCore.Authentication;
using Microsoft.Extensions.Options;
using Platform.Events;
using Platform.Realtime.Feeds;

namespace Platform.Realtime.Connections;

/// <summary>
/// Lets an authenticated client in, or refuses it with problem details while it still is a plain request; takes its place
/// back when the connection has ended. Endpoints find the <see cref="RealtimeConnection"/> among the request's features.
/// </summary>
internal sealed class ConnectionAdmission(
    RequestDelegate next, TenantFeeds feeds, ConnectionDrain drain, EndedAccess ended, IOptions<RealtimeOptions> options, TimeProvider time)
{
    // Longer than Redis needs when it is there; without it the client is let in all the same and told later.
    private static readonly TimeSpan LongestStart = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan LongestToken = TimeSpan.FromDays(1);

    public Task InvokeAsync(HttpContext context) =>
        context.GetEndpoint()?.Metadata.GetMetadata<RealtimeEndpoint>() is { } endpoint ? AdmitAsync(context, endpoint) : next(context);

    private async Task AdmitAsync(HttpContext context, RealtimeEndpoint endpoint)
    {
        if (endpoint.Transport == RealtimeEndpoint.WebSocket && !context.WebSockets.IsWebSocketRequest)
        {
            await RefuseAsync(context, StatusCodes.Status400BadRequest, "The hub speaks WebSockets only; skip the negotiation.");
            return;
        }
        if (!RealtimeUser.TryRead(context.User, out var user))
        {
            await RefuseAsync(context, StatusCodes.Status403Forbidden, "The token belongs to no tenant.");
            return;
        }
        if (!TryReadLastEventId(context.Request, out var lastEventId))
        {
            await RefuseAsync(context, StatusCodes.Status400BadRequest, "Last-Event-ID must be the number of an event.");
            return;
        }
        var filter = new ChannelFilter(user, options.Value.MaxChannels);
        if (!await TryChooseAsync(context, filter))
            return;
        // A browser's event source gives up for good on an error: while stopping, it is let in and told to come back later.
        if (endpoint.Transport == RealtimeEndpoint.WebSocket && drain.Stopping.IsCancellationRequested)
        {
            context.Response.Headers.RetryAfter = "5";
            await RefuseAsync(context, StatusCodes.Status503ServiceUnavailable, "The service is stopping; connect again.");
            return;
        }
        if (!feeds.TryJoin(user.Tenant, out var feed))
        {
            RealtimeTelemetry.Refused.Add(1, new KeyValuePair<string, object?>("transport", endpoint.Transport));
            context.Response.Headers.RetryAfter = "5";
            await RefuseAsync(context, StatusCodes.Status429TooManyRequests, "Too many open connections.");
            return;
        }
        var tag = new KeyValuePair<string, object?>("transport", endpoint.Transport);
        RealtimeTelemetry.Connections.Add(1, tag);
        try
        {
            using var place = drain.Enter();
            await WaitForAsync(feed, context.RequestAborted);
            using var connection = new RealtimeConnection(
                endpoint.Transport, user, filter, new FeedReader(feed, filter, lastEventId), Lifetime(context), time, drain.Stopping,
                context.RequestAborted);
            using var following = feed.Follow(connection);
            // Only now: what ends from here on is heard of.
            if (!await MayEnterAsync(context, user))
                return;
            connection.Reader.Begin();
            context.Features.Set(connection);
            await next(context);
        }
        finally
        {
            RealtimeTelemetry.Connections.Add(-1, tag);
            feeds.Leave(user.Tenant);
        }
    }

    /// <summary>Refuses tokens that outlive the access they were made for. With Redis away nobody knows; they end by themselves.</summary>
    private async Task<bool> MayEnterAsync(HttpContext context, RealtimeUser user)
    {
        switch (await ended.FindAsync(user.Tenant, user.UserId, user.SessionId, user.IssuedAt, context.RequestAborted))
        {
            case AccessEnd.Suspended:
                await RefuseAsync(context, StatusCodes.Status403Forbidden, "This tenant is suspended.");
                return false;
            case AccessEnd.Ended:
                context.Response.Headers.WWWAuthenticate = "Bearer error=\"invalid_token\"";
                await RefuseAsync(context, StatusCodes.Status401Unauthorized, "The session has ended. Sign in again.");
                return false;
            default:
                return true;
        }
    }

    private static async Task WaitForAsync(TenantFeed feed, CancellationToken cancellationToken)
    {
        if (!feed.Started.IsCompleted)
            await Task.WhenAny(feed.Started, Task.Delay(LongestStart, cancellationToken));
    }

    private static bool TryReadLastEventId(HttpRequest request, out long? lastEventId)
    {
        // The query serves the first connection of a page that already has state; the header is what browsers send later.
        var text = request.Headers["Last-Event-ID"].ToString() is { Length: > 0 } header ? header : request.Query["lastEventId"].ToString();
        lastEventId = null;
        if (text.Length == 0)
            return true;
        if (!long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            return false;
        lastEventId = number;
        return true;
    }

    private static async Task<bool> TryChooseAsync(HttpContext context, ChannelFilter filter)
    {
        foreach (var channel in context.Request.Query["channels"].ToString().Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries))
        {
            var choice = filter.Choose(channel);
            if (choice == ChannelChoice.Ok)
                continue;
            if (choice == ChannelChoice.Forbidden)
                await RefuseAsync(context, StatusCodes.Status403Forbidden, "The channel belongs to somebody else.");
            else
                await RefuseAsync(context, StatusCodes.Status400BadRequest, "The channels aren't a comma-separated list of channel names.");
            return false;
        }
        return true;
    }

    private TimeSpan Lifetime(HttpContext context)
    {
        var expires = context.Features.Get<IAuthenticateResultFeature>()?.AuthenticateResult?.Properties?.ExpiresUtc;
        var left = (expires ?? time.GetUtcNow()) - time.GetUtcNow();
        // A timer takes no more than 49 days; and a token that long is a mistake anyway.
        return left <= TimeSpan.Zero ? TimeSpan.Zero : left < LongestToken ? left : LongestToken;
    }

    private static Task RefuseAsync(HttpContext context, int status, string detail) =>
        TypedResults.Problem(detail, statusCode: status).ExecuteAsync(context);
}
